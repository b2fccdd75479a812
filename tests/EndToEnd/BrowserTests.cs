using LiveRobot.Testing;

using Microsoft.Playwright;

namespace LiveRobot.EndToEnd;

/// <summary>The main job: a person watches a robot in a browser, presses a button, and sees the robot obey.</summary>
public sealed class BrowserTests(Chromium chromium, LiveRover rover) : IClassFixture<LiveRover>
{
    private readonly Installation _installation = rover.Installation;
    private readonly RobotCredentials _credentials = rover.Credentials;

    [Theory]
    [InlineData("http", "Back", "B")]
    [InlineData("https", "Left", "L")]
    [InlineData("a front that ends TLS, below a path", "Right", "R")]
    public async Task A_person_finds_the_robot_sees_it_move_presses_a_button_and_sees_the_robot_obey(string way, string button, string command)
    {
        await using var browser = await chromium.OpenAsync(way switch { "http" => _installation.Url, "https" => _installation.TlsUrl, _ => rover.FrontUrl });
        await browser.Page.Locator("article img.pictured").WaitForAsync();

        await browser.Page.GetByRole(AriaRole.Link, new() { Name = "Rover" }).First.ClickAsync();
        await browser.Live.WaitForAsync();
        await browser.PictureMovesAsync();
        var before = await browser.CommandAsync();
        var heard = rover.Robot.Lines.Count;

        await browser.Button(button).HoverAsync();
        await browser.Page.Mouse.DownAsync();
        await rover.Robot.WaitForLineAsync(line => line.StartsWith($"command {command} down", StringComparison.Ordinal), after: heard);

        // Whatever the picture showed before ended in "up" or was another word: "B up" and "R up" look much the same.
        await Eventually.TrueAsync(async () => RobotPage.Difference(before, await browser.CommandAsync()) > 20);
        await browser.Page.Mouse.UpAsync();
        await rover.Robot.WaitForLineAsync(line => line.StartsWith($"command {command} up", StringComparison.Ordinal), after: heard);

        var line = $"good robot ({way})";
        await browser.SayAsync(line);

        await rover.Robot.WaitForLineAsync(said => said.StartsWith("chat ", StringComparison.Ordinal) && said.EndsWith(line, StringComparison.Ordinal));
        await browser.Page.GetByText(line).WaitForAsync();

        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Delays and losses" }).ClickAsync();
        foreach (var figure in new[] { "relayToScreen", "age", "command", "viewer", "robot" })
        {
            await browser.Page.Locator($"[data-figure={figure}]").GetByText(" ms").WaitForAsync();
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"By {way}: relay to screen {await browser.Page.Locator("[data-figure=relayToScreen]").InnerTextAsync()}.");
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task A_private_robot_is_watched_and_driven_by_who_was_given_the_link_and_by_nobody_else()
    {
        await _installation.RunAsync("robots", "set", _credentials.Handle, "--visibility", "private");
        try
        {
            var link = await _installation.RunAsync("robots", "watch-link", _credentials.Handle, "--site", rover.FrontUrl);

            await using (var stranger = await chromium.OpenAsync($"{rover.FrontUrl}/robot/{_credentials.Handle}"))
            {
                await stranger.Page.GetByText("No robot answers to that name").WaitForAsync();
            }

            await using var friend = await chromium.OpenAsync(link);
            await friend.Live.WaitForAsync();
            await friend.PictureMovesAsync();
            var heard = rover.Robot.Lines.Count;
            await friend.Button("Forward").ClickAsync();
            await rover.Robot.WaitForLineAsync(line => line.StartsWith("command F down", StringComparison.Ordinal), after: heard);

            // The picture alone, as existing viewer apps embed it and set its size.
            await friend.Page.GotoAsync(link.Replace("/robot/", "/fullview/", StringComparison.Ordinal));
            await friend.Page.EvaluateAsync("document.getElementById('videoCanvasFullView').setAttribute('style', 'height: 100vh; width: 100vw;')");
            await friend.PictureMovesAsync();
        }
        finally
        {
            await _installation.RunAsync("robots", "set", _credentials.Handle, "--visibility", "public");
        }
    }

    [Fact]
    public async Task A_killed_robot_is_no_longer_live_on_the_page_within_6_seconds_and_live_again_when_it_is_back()
    {
        await using var browser = await chromium.OpenAsync($"{_installation.Url}/robot/{_credentials.Handle}");
        await browser.Live.WaitForAsync();

        rover.Robot.Signal("KILL");

        try
        {
            await browser.Live.WaitForAsync(new() { State = WaitForSelectorState.Hidden, Timeout = 6_000 });
        }
        finally
        {
            await rover.Robot.DisposeAsync();
            await rover.StartRobotAsync();
        }

        await browser.Live.WaitForAsync();
        await browser.PictureMovesAsync();
    }

    [Fact]
    public async Task A_killed_page_lets_go_of_the_key_it_held()
    {
        await using var browser = await chromium.OpenAsync($"{_installation.Url}/robot/{_credentials.Handle}");
        await browser.PictureMovesAsync();
        var before = rover.Robot.Lines.Count;
        await browser.Page.Keyboard.DownAsync("ArrowUp");
        await rover.Robot.WaitForLineAsync(line => line.StartsWith("command F down", StringComparison.Ordinal), after: before);
        var held = rover.Robot.Lines.Count;

        await browser.KillAsync();

        await rover.Robot.WaitForLineAsync(line => line.StartsWith("command F up", StringComparison.Ordinal), after: held);
    }

    [Fact]
    public async Task The_page_is_well_again_after_the_server_has_restarted()
    {
        await using var browser = await chromium.OpenAsync($"{_installation.Url}/robot/{_credentials.Handle}");
        await browser.PictureMovesAsync();

        await _installation.KillServerAsync();
        try
        {
            await browser.Live.WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        }
        finally
        {
            await _installation.StartServerAsync();
        }

        await browser.Live.WaitForAsync();
        await browser.PictureMovesAsync();
        var printed = rover.Robot.Lines.Count;
        await Eventually.TrueAsync(async () =>
        {
            await browser.Button("Forward").ClickAsync();
            return rover.Robot.Lines.Skip(printed).Any(line => line.StartsWith("command F down", StringComparison.Ordinal));
        });
    }
}
