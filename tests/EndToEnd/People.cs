using LiveRobot.Testing;

using Microsoft.Playwright;

namespace LiveRobot.EndToEnd;

/// <summary>People with windows of one size and cookies of their own each. What their pages complain of is kept.</summary>
internal sealed class People(Chromium chromium, int width, int height, ColorScheme scheme) : IAsyncDisposable
{
    private readonly List<RobotPage> _pages = [];

    /// <summary>Gets the errors and warnings on the consoles, with their pages.</summary>
    public IEnumerable<string> Complaints => _pages.SelectMany(page => page.Complaints);

    public async Task<IPage> NewAsync()
    {
        _pages.Add(await chromium.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = scheme, HasTouch = width < 500 }));
        return _pages[^1].Page;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var page in _pages)
        {
            await page.DisposeAsync();
        }
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
