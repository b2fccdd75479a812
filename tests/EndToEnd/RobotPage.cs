using System.Globalization;

using LiveRobot.Testing;

using Microsoft.Playwright;

namespace LiveRobot.EndToEnd;

/// <summary>A real browser on the site, and what its person sees and does.</summary>
public sealed class RobotPage : IAsyncDisposable
{
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private RobotPage(IPlaywright playwright, IBrowser browser, IPage page)
    {
        _playwright = playwright;
        _browser = browser;
        Page = page;
    }

    public IPage Page { get; }

    /// <summary>Gets the badge that says whether the robot is live, when it says so.</summary>
    public ILocator Live => Page.GetByTestId("presence").GetByText("Live", new() { Exact = true });

    public ILocator Picture => Page.GetByTestId("video");

    public static async Task<RobotPage> OpenAsync(string url)
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = "/usr/bin/chromium",
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });
        var page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = 1440, Height = 900 }, IgnoreHTTPSErrors = true });
        await page.GotoAsync(url);
        return new RobotPage(playwright, browser, page);
    }

    public ILocator Button(string label) => Page.GetByRole(AriaRole.Button, new() { Name = label, Exact = true });

    public async Task SayAsync(string text)
    {
        var input = Page.GetByRole(AriaRole.Textbox);
        await input.FillAsync(text);
        await input.PressAsync("Enter");
    }

    /// <summary>Waits until the part of the picture where the demo robot counts its frames changes, and changes again.</summary>
    public async Task PictureMovesAsync()
    {
        var before = await CounterAsync();
        for (var change = 0; change < 3; change++)
        {
            await Eventually.TrueAsync(async () => await CounterAsync() != before, text: "the frame counter in the picture changes");
            before = await CounterAsync();
        }
    }

    /// <summary>
    /// Reads where the demo robot shows its last command: which of 48 × 16 fields are bright. The same text gives the
    /// same fields but for a few at its edges.
    /// </summary>
    public Task<string> CommandAsync() => FieldsAsync(0.1, 0.25, 0.8, 0.4, 48, 16);

    /// <summary>Counts the fields in which two readings differ.</summary>
    public static int Difference(string first, string second) => first.Zip(second).Count(pair => pair.First != pair.Second);

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    private Task<string> CounterAsync() => FieldsAsync(0, 0.9, 0.45, 0.08, 90, 8);

    private Task<string> FieldsAsync(double left, double top, double width, double height, int columns, int rows) =>
        Picture.EvaluateAsync<string>(string.Create(CultureInfo.InvariantCulture, $$"""
            canvas => new Promise(resolve => requestAnimationFrame(() => {
                const small = new OffscreenCanvas({{columns}}, {{rows}}).getContext('2d');
                small.drawImage(canvas, canvas.width * {{left}}, canvas.height * {{top}}, canvas.width * {{width}},
                    canvas.height * {{height}}, 0, 0, {{columns}}, {{rows}});
                const pixels = small.getImageData(0, 0, {{columns}}, {{rows}}).data;
                let fields = '';
                for (let i = 0; i < pixels.length; i += 4) fields += pixels[i] > 128 ? '1' : '0';
                resolve(fields);
            }))
            """));
}
