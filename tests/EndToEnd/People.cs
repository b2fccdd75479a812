using LiveRobot.Testing;

using Microsoft.Playwright;

namespace LiveRobot.EndToEnd;

/// <summary>People with windows of one size and cookies of their own each. What their pages complain of is kept.</summary>
internal sealed class People(Chromium chromium, int width, int height, ColorScheme scheme) : IAsyncDisposable
{
    private readonly List<RobotPage> _pages = [];

    /// <summary>Gets whether they have phones; then they have fingers, and movement disturbs them.</summary>
    private bool IsPhone => width < 500;

    /// <summary>Gets the errors and warnings on the consoles, with their pages.</summary>
    public IEnumerable<string> Complaints => _pages.SelectMany(page => page.Complaints);

    public async Task<IPage> NewAsync()
    {
        _pages.Add(await chromium.NewPageAsync(new()
        {
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = scheme,
            HasTouch = IsPhone,
            ReducedMotion = IsPhone ? ReducedMotion.Reduce : ReducedMotion.NoPreference,
        }));
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

    /// <summary>
    /// Judges a page: by axe-core, that it is no wider than its window on any screen, and that nothing moves without end
    /// for whom movement disturbs. Keeps pictures of it for people to look at.
    /// </summary>
    public async Task LookAsync(IPage page, string name)
    {
        await page.GetByRole(AriaRole.Heading).First.WaitForAsync();
        Assert.Equal(0, await page.EvaluateAsync<int>("""
            matchMedia('(prefers-reduced-motion: reduce)').matches
                ? document.getAnimations().filter(animation => animation.effect.getTiming().iterations === Infinity).length
                : 0
            """));
        await Accessibility.CheckAsync(page);
        foreach (var window in IsPhone ? [width] : new[] { 2560, width })
        {
            await page.SetViewportSizeAsync(window, height * window / width);
            Assert.Equal(window, await page.EvaluateAsync<int>("Math.max(document.documentElement.scrollWidth, innerWidth)"));
            await page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Root, $"artifacts/screenshots/{name}-{window}.png"), FullPage = true });
        }
    }
}
