using Microsoft.Playwright;

namespace LiveRobot.EndToEnd;

/// <summary>A person with a browser comes by an account and by a robot of their own.</summary>
public sealed class AccountPagesTests(Chromium chromium) : IAsyncLifetime
{
    private const string Password = "correct horse";

    private Installation _installation = null!;

    public async ValueTask InitializeAsync() => _installation = await Installation.StartAsync();

    public ValueTask DisposeAsync() => _installation.DisposeAsync();

    [Fact]
    public async Task The_first_administrator_signs_up_adds_a_robot_closes_it_to_strangers_and_signs_in_again()
    {
        var code = await _installation.RunAsync("accounts", "code");
        await using var browser = await chromium.OpenAsync($"{_installation.Url}/sign-up?code={code}");
        var page = browser.Page;
        await page.GetByText("You are about to become the administrator").WaitForAsync();
        await page.GetByLabel("Name").FillAsync("alice");
        await page.GetByLabel("Password").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign up" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "alice" }).WaitForAsync();
        await page.GetByText("Administrator", new() { Exact = true }).WaitForAsync();

        await page.GetByLabel("Name of a new robot").FillAsync("My Rover");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add robot" }).ClickAsync();
        await page.GetByLabel("Who may drive").SelectOptionAsync("owner");
        await page.GetByLabel("Buttons of your own").CheckAsync();
        await page.GetByLabel("Command").First.FillAsync("SOUND2");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await page.GetByText("Saved. The robot has been told.").WaitForAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Make a code" }).ClickAsync();
        Assert.Matches("^[A-Z2-9]{6}$", await page.Locator("section[aria-labelledby=pair] code").First.InnerTextAsync());

        await page.GetByRole(AriaRole.Button, new() { Name = "Show them" }).ClickAsync();
        var robotId = await page.Locator("section[aria-labelledby=credentials] code").First.InnerTextAsync();
        var settings = await _installation.GetAsync($"/api/v1/robots/{robotId}");
        Assert.Equal("owner", settings.GetProperty("drive").GetString());
        Assert.Contains("SOUND2", settings.GetProperty("button_panels").GetRawText(), StringComparison.Ordinal);

        await page.GetByRole(AriaRole.Link, new() { Name = "alice" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "My Rover" }).WaitForAsync();
        await page.GetByLabel("What the new key is for").FillAsync("my scripts");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a key" }).ClickAsync();
        await page.GetByText("This is the key. It is shown only now.").WaitForAsync();
        await page.ReloadAsync();
        await page.GetByText("never used").WaitForAsync();
        Assert.Equal(0, await page.GetByText("This is the key. It is shown only now.").CountAsync());

        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" }).WaitForAsync();
        await page.GetByLabel("Name").FillAsync("alice");
        await page.GetByLabel("Password").FillAsync("wrong password");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.GetByText("The name or the password is wrong.").WaitForAsync();
        await page.GetByLabel("Password").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "alice" }).WaitForAsync();
    }
}
