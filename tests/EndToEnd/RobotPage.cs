using System.Collections.Concurrent;
using System.Globalization;

using LiveRobot.Testing;

using Microsoft.Playwright;

namespace LiveRobot.EndToEnd;

/// <summary>A page of the site in a real browser, and what its person sees and does. What its console complains of is kept.</summary>
public sealed class RobotPage : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _complaints = new();

    internal RobotPage(IPage page)
    {
        Page = page;
        page.Console += (_, message) =>
        {
            // The graphics driver's remarks about pictures that tests read are not the page's.
            if (message.Type is "error" or "warning" && !message.Text.Contains("GL Driver Message", StringComparison.Ordinal))
            {
                _complaints.Enqueue($"{page.Url}: {message.Text}");
            }
        };
        page.PageError += (_, error) => _complaints.Enqueue($"{page.Url}: {error}");
    }

    public IPage Page { get; }

    /// <summary>Gets the errors and warnings on the page's console, and what its script did not catch.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    /// <summary>Gets the badge that says whether the robot is live, when it says so.</summary>
    public ILocator Live => Page.GetByTestId("presence").GetByText("Live", new() { Exact = true });

    public ILocator Picture => Page.GetByTestId("video");

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

    /// <summary>Ends the page's process as a crash would, so that its script says nothing any more.</summary>
    public async Task KillAsync()
    {
        var crashed = new TaskCompletionSource();
        Page.Crash += (_, _) => crashed.TrySetResult();
        var session = await Page.Context.NewCDPSessionAsync(Page);

        // There is nobody left to answer.
        _ = session.SendAsync("Page.crash").ContinueWith(answer => answer.Exception, TaskScheduler.Default);
        await crashed.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>Closes the page, and forgets its person.</summary>
    public async ValueTask DisposeAsync() => await Page.Context.DisposeAsync();

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
