using Microsoft.Playwright;

namespace LiveRobot.EndToEnd;

/// <summary>Who moderates a robot's chat from its page, on a phone and on a desk.</summary>
public sealed class ModerationPagesTests(Chromium chromium) : IAsyncLifetime
{
    private Installation _installation = null!;

    public async ValueTask InitializeAsync() => _installation = await Installation.StartAsync(Installation.Patient);

    public ValueTask DisposeAsync() => _installation.DisposeAsync();

    [Fact]
    public async Task A_moderator_whom_the_owner_named_takes_lines_back_keeps_people_away_and_lets_them_in_again()
    {
        await using var desks = new People(chromium, 1280, 800, ColorScheme.Dark);
        await using var phones = new People(chromium, 360, 740, ColorScheme.Light);
        var owner = await desks.SignedUpAsync(_installation, "nora");
        var moderator = await phones.SignedUpAsync(_installation, "milo");
        var troll = await desks.SignedUpAsync(_installation, "mallory");
        var added = await owner.Context.APIRequest.PostAsync($"{_installation.Url}/api/v1/robots", new() { DataObject = new { name = "Rover" } });
        Assert.True(added.Ok);

        // The owner names a moderator and lays down rules.
        await owner.GotoAsync($"{_installation.Url}/robot/rover/moderation");
        await owner.GetByText("Nobody is named yet.").WaitForAsync();
        await owner.Locator("section[aria-labelledby=moderators]").GetByLabel("Account").FillAsync("milo");
        await Button(owner, "Make a moderator").ClickAsync();
        await owner.GetByText("milo moderates now.").WaitForAsync();
        await owner.GetByLabel("Slow mode").FillAsync("3600");
        await Button(owner, "Save the rules").ClickAsync();
        await owner.GetByText("Saved. The rules count from now on.").WaitForAsync();

        // Somebody says a line, and waits until they may say more.
        await troll.GotoAsync($"{_installation.Url}/robot/rover");
        await troll.GetByText("Slow mode: one message in 60:00").WaitForAsync();
        await troll.GetByRole(AriaRole.Textbox).FillAsync("buy my things");
        await troll.GetByRole(AriaRole.Textbox).PressAsync("Enter");
        await troll.GetByText("59:").WaitForAsync();
        await troll.GetByRole(AriaRole.Textbox).FillAsync("and more");
        Assert.True(await Button(troll, "Send").IsDisabledAsync());

        // The moderator finds the robot on their account's page, and takes the line back.
        await moderator.GotoAsync($"{_installation.Url}/account");
        await moderator.GetByRole(AriaRole.Link, new() { Name = "rover", Exact = true }).ClickAsync();
        await Button(moderator, "2 here").ClickAsync();
        await moderator.GetByRole(AriaRole.Listitem).GetByText("mallory").WaitForAsync();
        await moderator.Keyboard.PressAsync("Escape");
        await Button(moderator, "What to do about mallory").ClickAsync();
        await moderator.GetByRole(AriaRole.Menuitem, new() { Name = "Keep mallory away" }).ClickAsync();
        Assert.Equal(0, await moderator.GetByLabel("From where").CountAsync());
        await phones.LookAsync(moderator, "ban-dialog");
        await Button(moderator, "Cancel").ClickAsync();
        await Button(moderator, "What to do about mallory").ClickAsync();
        await phones.LookAsync(moderator, "line-menu");
        await moderator.GetByRole(AriaRole.Menuitem, new() { Name = "Take this line back" }).ClickAsync();
        await moderator.GetByText("The line is taken back.").WaitForAsync();
        await troll.GetByText("buy my things").WaitForAsync(new() { State = WaitForSelectorState.Detached });

        // Then keeps its speaker away, for an hour and with a reason, of which they are told.
        await moderator.GetByRole(AriaRole.Link, new() { Name = "Moderation" }).ClickAsync();
        var bans = moderator.Locator("section[aria-labelledby=bans]");
        await bans.GetByLabel("Account").FillAsync("mallory");
        await bans.GetByLabel("Reason").FillAsync("selling");
        await bans.GetByLabel("For how long").SelectOptionAsync("An hour");
        await Button(moderator, "Keep away").ClickAsync();
        await troll.GetByText("You are kept away from this robot").WaitForAsync();
        await troll.GetByText("selling").WaitForAsync();
        await moderator.ReloadAsync();
        await moderator.GetByText("timed out mallory").WaitForAsync();
        await moderator.GetByText("took back a line of mallory").WaitForAsync();
        await moderator.GetByText("The owner lays them down.").WaitForAsync();
        await phones.LookAsync(moderator, "moderation");
        await owner.ReloadAsync();
        await owner.GetByText("took back a line of mallory").WaitForAsync();
        await desks.LookAsync(owner, "moderation");
        Assert.Empty(phones.Complaints);
        Assert.Empty(desks.Complaints);

        await Button(moderator, "Let in again").ClickAsync();
        await moderator.GetByText("Nobody is kept away.").WaitForAsync();
        await troll.ReloadAsync();
        await troll.GetByRole(AriaRole.Textbox).WaitForAsync();

        // Others have no say there.
        await troll.GotoAsync($"{_installation.Url}/robot/rover/moderation");
        await troll.GetByText("This is for those who moderate here").WaitForAsync();
    }

    private static ILocator Button(IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });
}
