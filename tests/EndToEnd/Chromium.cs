using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(LiveRobot.EndToEnd.Chromium))]

namespace LiveRobot.EndToEnd;

/// <summary>The browser of all tests, started by the first that needs it. Each page has cookies and a store of its own.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private readonly Lazy<Task<(IPlaywright Playwright, IBrowser Browser)>> _browser = new(LaunchAsync);

    /// <summary>Opens a page as a person of their own: 1440 by 900 pixels unless told otherwise.</summary>
    public async Task<RobotPage> OpenAsync(string url, BrowserNewContextOptions? options = null)
    {
        var page = await NewPageAsync(options);
        await page.Page.GotoAsync(url);
        return page;
    }

    /// <summary>Gives somebody of their own an empty page.</summary>
    public async Task<RobotPage> NewPageAsync(BrowserNewContextOptions? options = null)
    {
        var context = await (await _browser.Value).Browser.NewContextAsync(
            options ?? new() { ViewportSize = new() { Width = 1440, Height = 900 }, IgnoreHTTPSErrors = true });

        // Beside other tests that encode video, a page may wait long for the processor.
        context.SetDefaultTimeout(90_000);
        return new RobotPage(await context.NewPageAsync());
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_browser.IsValueCreated)
        {
            var (playwright, browser) = await _browser.Value;
            await browser.DisposeAsync();
            playwright.Dispose();
        }
    }

    private static async Task<(IPlaywright Playwright, IBrowser Browser)> LaunchAsync()
    {
        var playwright = await Playwright.CreateAsync();
        return (playwright, await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = "/usr/bin/chromium",
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        }));
    }
}
