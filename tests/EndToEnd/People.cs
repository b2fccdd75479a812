using LiveRobot.Testing;

using Microsoft.Playwright;

namespace LiveRobot.EndToEnd;

/// <summary>People with windows of one size and a browser of their own each. What their pages complain of is kept.</summary>
internal sealed class People(IBrowser browser, int width, int height, ColorScheme scheme)
{
    private readonly List<string> _complaints = [];

    /// <summary>Gets the errors and warnings on the consoles, with their pages.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    public async Task<IPage> NewAsync()
    {
        var context = await browser.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = scheme, HasTouch = width < 500 });
        var page = await context.NewPageAsync();
        page.Console += (_, message) =>
        {
            // The graphics driver's remarks about pictures that tests read are not the page's.
            if (message.Type is "error" or "warning" && !message.Text.Contains("GL Driver Message", StringComparison.Ordinal))
            {
                _complaints.Add($"{page.Url}: {message.Text}");
            }
        };
        page.PageError += (_, error) => _complaints.Add($"{page.Url}: {error}");
        return page;
    }

    /// <summary>Somebody who has signed up at an installation.</summary>
    public async Task<IPage> SignedUpAsync(Installation installation, string name, string? code = null)
    {
        var page = await NewAsync();
        var answer = await page.Context.APIRequest.PostAsync(
            $"{installation.Url}/api/v1/register", new() { DataObject = new Dictionary<string, object?> { ["username"] = name, ["password"] = "correct horse", ["code"] = code } });
        Assert.True(answer.Ok, await answer.TextAsync());
        return page;
    }

    /// <summary>Judges a page, that it is no wider than its window, and keeps a picture of it for people to look at.</summary>
    public async Task LookAsync(IPage page, string name)
    {
        await page.GetByRole(AriaRole.Heading).First.WaitForAsync();
        Assert.Equal(width, await page.EvaluateAsync<int>("Math.max(document.documentElement.scrollWidth, innerWidth)"));
        await page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Root, $"artifacts/screenshots/{name}-{width}.png"), FullPage = true });
        await Accessibility.CheckAsync(page);
    }
}
