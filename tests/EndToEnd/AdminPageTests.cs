using Microsoft.Playwright;

namespace LiveRobot.EndToEnd;

/// <summary>Who looks after the whole site, on its page for that.</summary>
public sealed class AdminPageTests(Chromium chromium) : IAsyncLifetime
{
    private Installation _installation = null!;

    public async ValueTask InitializeAsync() => _installation = await Installation.StartAsync(Installation.Patient);

    public ValueTask DisposeAsync() => _installation.DisposeAsync();

    [Fact]
    public async Task An_administrator_finds_people_and_robots_keeps_them_away_opens_accounts_and_deletes_them()
    {
        var code = await _installation.RunAsync("accounts", "code");
        await using var phones = new People(chromium, 360, 740, ColorScheme.Dark);
        var mallory = await phones.SignedUpAsync(_installation, "mallory");
        await phones.SignedUpAsync(_installation, "longest-name-15");
        var added = await mallory.Context.APIRequest.PostAsync($"{_installation.Url}/api/v1/robots", new() { DataObject = new { name = "Nuisance" } });
        Assert.True(added.Ok);
        await mallory.GotoAsync($"{_installation.Url}/admin");
        await mallory.GetByText("This is for administrators").WaitForAsync();

        // Whoever sets the site up types the code that the server has printed.
        var page = await phones.NewAsync();
        await page.GotoAsync($"{_installation.Url}/sign-up");
        await page.GetByLabel("Name").FillAsync("administrator");
        await page.GetByLabel("Password").FillAsync("correct horse");
        await page.GetByText("This is a new site, and I set it up").ClickAsync();
        await page.GetByLabel("One-time code").FillAsync(code.Trim());
        await phones.LookAsync(page, "sign-up-with-code");
        await Button(page, "Sign up").ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Admin", Exact = true }).ClickAsync();
        await page.GetByText("longest-name-15").WaitForAsync();
        await phones.LookAsync(page, "admin");

        await page.GetByLabel("Search names").FillAsync("mall");
        await page.GetByText("longest-name-15").WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await ChooseAsync(page, "mallory", "Keep away from the site…");
        await page.GetByLabel("For how long").SelectOptionAsync("A week");
        await page.GetByLabel("Reason").FillAsync("spam");
        await Button(page, "Keep away").ClickAsync();
        await page.GetByText("Kept away until").WaitForAsync();
        await phones.LookAsync(page, "admin-with-ban");
        await ChooseAsync(page, "mallory", "Let in again");
        await page.GetByText("mallory is let in again.").WaitForAsync();
        await ChooseAsync(page, "mallory", "Give a new password");
        var password = await page.Locator("code").InnerTextAsync();

        await page.GetByRole(AriaRole.Tab, new() { Name = "Nodes" }).ClickAsync();
        await page.GetByText("Control · 0 robots · 0 viewers").WaitForAsync();
        await phones.LookAsync(page, "admin-nodes");

        await page.GetByRole(AriaRole.Tab, new() { Name = "Robots" }).ClickAsync();
        await page.GetByText("by mallory").WaitForAsync();
        await phones.LookAsync(page, "admin-robots");
        await ChooseAsync(page, "Nuisance", "Delete this robot");
        await Button(page, "Delete").ClickAsync();
        await page.GetByText("Nuisance is deleted.").WaitForAsync();

        await mallory.GotoAsync($"{_installation.Url}/sign-in");
        await mallory.GetByLabel("Name").FillAsync("mallory");
        await mallory.GetByLabel("Password").FillAsync(password);
        await Button(mallory, "Sign in").ClickAsync();
        await mallory.GetByText("You have no robots yet.").WaitForAsync();
        Assert.Empty(phones.Complaints);

        await page.GetByRole(AriaRole.Tab, new() { Name = "People" }).ClickAsync();
        await ChooseAsync(page, "mallory", "Delete account…");
        await Button(page, "Delete").ClickAsync();
        await page.GetByText("mallory is deleted.").WaitForAsync();
        await mallory.ReloadAsync();
        await mallory.GetByRole(AriaRole.Heading, new() { Name = "Sign in" }).WaitForAsync();
    }

    private static ILocator Button(IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    private static async Task ChooseAsync(IPage page, string name, string action)
    {
        await Button(page, $"What to do about {name}").ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = action }).ClickAsync();
    }
}
