using LiveRobot.Testing;

namespace LiveRobot.EndToEnd;

/// <summary>The main job: a person watches a robot in a browser, presses a button, and sees the robot obey.</summary>
public sealed class BrowserTests : IAsyncLifetime
{
    private Installation _installation = null!;
    private RobotCredentials _credentials = null!;
    private ChildProcess _robot = null!;

    public async ValueTask InitializeAsync()
    {
        _installation = await Installation.StartAsync();
        _credentials = await _installation.AddRobotAsync("Rover");
        _robot = _credentials.StartDemoRobot(_installation);
        await _installation.StateAsync(_credentials, state => state.GetProperty("video").GetString() == "flowing");
    }

    public async ValueTask DisposeAsync()
    {
        await _robot.DisposeAsync();
        await _installation.DisposeAsync();
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task A_person_finds_the_robot_sees_it_move_presses_a_button_and_sees_the_robot_obey(string scheme)
    {
        await using var browser = await RobotPage.OpenAsync(scheme == "http" ? _installation.Url : _installation.TlsUrl);
        await browser.Page.Locator("article img.pictured").WaitForAsync();

        await browser.Page.GetByRole(Microsoft.Playwright.AriaRole.Link, new() { Name = "Rover" }).First.ClickAsync();
        await browser.Live.WaitForAsync();
        await browser.PictureMovesAsync();
        var before = await browser.CommandAsync();

        await browser.Button("Forward").ClickAsync();

        await _robot.WaitForLineAsync(line => line.StartsWith("command F down", StringComparison.Ordinal));
        await _robot.WaitForLineAsync(line => line.StartsWith("command F up", StringComparison.Ordinal));
        await Eventually.TrueAsync(async () => RobotPage.Difference(before, await browser.CommandAsync()) > 20);

        await browser.SayAsync("good robot");

        await _robot.WaitForLineAsync(line => line.StartsWith("chat ", StringComparison.Ordinal) && line.EndsWith("good robot", StringComparison.Ordinal));
        await browser.Page.GetByText("good robot").WaitForAsync();
    }

    [Fact]
    public async Task A_private_robot_is_watched_and_driven_by_who_was_given_the_link_and_by_nobody_else()
    {
        await _installation.RunAsync("robots", "set", _credentials.Handle, "--visibility", "private");
        var link = await _installation.RunAsync("robots", "watch-link", _credentials.Handle, "--site", _installation.Url);

        await using (var stranger = await RobotPage.OpenAsync($"{_installation.Url}/robot/{_credentials.Handle}"))
        {
            await stranger.Page.GetByText("No robot answers to that name").WaitForAsync();
        }

        await using var friend = await RobotPage.OpenAsync(link);
        await friend.Live.WaitForAsync();
        await friend.PictureMovesAsync();
        await friend.Button("Forward").ClickAsync();
        await _robot.WaitForLineAsync(line => line.StartsWith("command F down", StringComparison.Ordinal));

        // The picture alone, as existing viewer apps embed it and set its size.
        await friend.Page.GotoAsync(link.Replace("/robot/", "/fullview/", StringComparison.Ordinal));
        await friend.Page.EvaluateAsync("document.getElementById('videoCanvasFullView').setAttribute('style', 'height: 100vh; width: 100vw;')");
        await friend.PictureMovesAsync();
    }

    [Fact]
    public async Task A_killed_robot_is_no_longer_live_on_the_page_within_6_seconds()
    {
        await using var browser = await RobotPage.OpenAsync($"{_installation.Url}/robot/{_credentials.Handle}");
        await browser.Live.WaitForAsync();

        _robot.Signal("KILL");

        await browser.Live.WaitForAsync(new() { State = Microsoft.Playwright.WaitForSelectorState.Hidden, Timeout = 6_000 });
    }

    [Fact]
    public async Task A_killed_browser_lets_go_of_the_key_it_held()
    {
        await using var browser = await RobotPage.OpenAsync($"{_installation.Url}/robot/{_credentials.Handle}");
        await browser.PictureMovesAsync();
        await browser.Page.Keyboard.DownAsync("ArrowUp");
        await _robot.WaitForLineAsync(line => line.StartsWith("command F down", StringComparison.Ordinal));
        var held = _robot.Lines.Count;

        await browser.DisposeAsync();

        await _robot.WaitForLineAsync(line => line.StartsWith("command F up", StringComparison.Ordinal), after: held);
    }

    [Fact]
    public async Task The_page_is_well_again_after_the_server_has_restarted()
    {
        await using var browser = await RobotPage.OpenAsync($"{_installation.Url}/robot/{_credentials.Handle}");
        await browser.PictureMovesAsync();

        await _installation.KillServerAsync();
        await browser.Live.WaitForAsync(new() { State = Microsoft.Playwright.WaitForSelectorState.Hidden });
        await _installation.StartServerAsync();

        await browser.Live.WaitForAsync();
        await browser.PictureMovesAsync();
        var printed = _robot.Lines.Count;
        await Eventually.TrueAsync(async () =>
        {
            await browser.Button("Forward").ClickAsync();
            return _robot.Lines.Skip(printed).Any(line => line.StartsWith("command F down", StringComparison.Ordinal));
        });
    }
}
