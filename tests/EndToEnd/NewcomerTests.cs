using System.Diagnostics;
using System.Globalization;

using LiveRobot.Testing;

using Microsoft.Playwright;

namespace LiveRobot.EndToEnd;

/// <summary>
/// From nothing to a robot that others drive: a newcomer signs up, follows the guide with the real robot client, and
/// shares the robot with two others. Each page on the way is looked at by axe-core, photographed, and silent on its console.
/// </summary>
public sealed class NewcomerTests(Chromium chromium, ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly string Client = Repository.Program("RobotClient");

    private readonly TemporaryFolder _folder = new();
    private Installation _installation = null!;

    public async ValueTask InitializeAsync() => _installation = await Installation.StartAsync(Installation.Patient);

    public async ValueTask DisposeAsync()
    {
        await _installation.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>On a wide screen by keys alone; on a phone with a finger, and for somebody whom movement disturbs.</summary>
    [Theory]
    [InlineData(1280, 800, ColorScheme.Dark)]
    [InlineData(360, 740, ColorScheme.Light)]
    public async Task A_newcomer_brings_a_robot_to_life_and_others_drive_it(int width, int height, ColorScheme scheme)
    {
        var hands = new Hands(keysOnly: width > 1000);
        await using var people = new People(chromium, width, height, scheme);

        // Signs up and adds a robot.
        var owner = await people.NewAsync();
        await owner.GotoAsync($"{_installation.Url}/help");
        await people.LookAsync(owner, "help");
        await owner.GotoAsync(_installation.Url);
        await owner.GetByText("No robots here yet").WaitForAsync();
        await people.LookAsync(owner, "home-empty");
        await owner.GotoAsync($"{_installation.Url}/sign-up");
        await people.LookAsync(owner, "sign-up");
        await hands.WriteAsync(owner.GetByLabel("Name"), "nora");
        await hands.WriteAsync(owner.GetByLabel("Password"), "correct horse");
        await hands.PressAsync(owner.GetByRole(AriaRole.Button, new() { Name = "Sign up" }));
        await hands.WriteAsync(owner.GetByLabel("Name of a new robot"), "Rover");
        await people.LookAsync(owner, "account");
        await hands.PressAsync(owner.GetByRole(AriaRole.Button, new() { Name = "Add robot" }));

        // Follows the guide: a code, the client, and a list that turns green.
        await hands.PressAsync(owner.GetByRole(AriaRole.Button, new() { Name = "Make a code" }));
        var code = await owner.Locator("section[aria-labelledby=pair] code").First.InnerTextAsync();
        await people.LookAsync(owner, "settings");
        await ChildProcess.RunAsync("dotnet", [Client, "pair", code, "--server", _installation.Url, "--config", _folder.File("liverobot.env")]);
        await using var robot = ChildProcess.Start("dotnet", [Client, "--config", _folder.File("liverobot.env"), "--demo", "--status-port", _installation.Port("Status").ToString(CultureInfo.InvariantCulture)]);
        await owner.GetByText("Ready: your robot is live.").WaitForAsync(new() { Timeout = 60_000 });
        foreach (var part in new[] { "control", "chat", "status", "video", "audio" })
        {
            Assert.Equal("true", await owner.Locator($"[data-check={part}]").GetAttributeAsync("data-there"));
        }

        await hands.ChooseAsync(owner.GetByLabel("How the robot is shared"), "queue");
        await hands.WriteAsync(owner.GetByLabel("Length of a turn, in seconds"), "3600");
        await hands.PressAsync(owner.GetByRole(AriaRole.Button, new() { Name = "Save who drives when" }));
        await owner.GetByText("Saved. It counts from now on.").WaitForAsync();
        await hands.PressAsync(owner.GetByRole(AriaRole.Link, new() { Name = "Go and drive it" }));

        // A second person finds it on the first page, waits for the first picture and drives; a third stands in line.
        var driver = await people.NewAsync();
        await driver.GotoAsync(_installation.Url);
        await driver.Locator("article img.pictured").WaitForAsync();
        await people.LookAsync(driver, "home");
        var clicked = Stopwatch.GetTimestamp();
        await hands.PressAsync(driver.GetByRole(AriaRole.Link, new() { Name = "Rover" }).First);
        await driver.Locator("[data-testid=video][data-state=playing]").WaitForAsync();
        output.WriteLine($"From the click on a robot to its first picture: {Stopwatch.GetElapsedTime(clicked).TotalMilliseconds:F0} ms ({width} pixels wide).");
        await hands.PressAsync(driver.GetByRole(AriaRole.Button, new() { Name = "Stand in line" }));
        await driver.GetByText("Your turn").WaitForAsync();

        // A turn that nobody begins goes to the next in line, so the third comes when it has begun.
        await hands.PressAsync(driver.GetByRole(AriaRole.Button, new() { Name = "Forward", Exact = true }));
        await robot.WaitForLineAsync(line => line.StartsWith("command F down", StringComparison.Ordinal));
        await robot.WaitForLineAsync(line => line.StartsWith("command F up", StringComparison.Ordinal));
        var waiting = await people.NewAsync();
        await waiting.GotoAsync($"{_installation.Url}/robot/rover");
        await hands.PressAsync(waiting.GetByRole(AriaRole.Button, new() { Name = "Stand in line" }));
        await waiting.GetByText("You are next").WaitForAsync();

        // They talk, and the owner stops the robot and opens it again.
        await hands.WriteAsync(waiting.GetByRole(AriaRole.Textbox), "hello robot");
        await waiting.GetByRole(AriaRole.Textbox).PressAsync("Enter");
        await robot.WaitForLineAsync(line => line.EndsWith("hello robot", StringComparison.Ordinal));
        await driver.GetByText("hello robot").WaitForAsync();
        await people.LookAsync(driver, "robot");
        await people.LookAsync(owner, "robot-of-its-owner");
        await hands.OpenAndCloseAsync(owner.GetByRole(AriaRole.Button, new() { Name = "Give control…" }), () => people.LookAsync(owner, "give-control"));
        await hands.PressAsync(owner.GetByRole(AriaRole.Button, new() { Name = "Stop", Exact = true }));
        await waiting.GetByText("Stopped in an emergency by nora").WaitForAsync();
        await people.LookAsync(waiting, "robot-stopped");
        await hands.PressAsync(owner.GetByRole(AriaRole.Button, new() { Name = "Open the controls" }));
        await waiting.GetByText("You are next").WaitForAsync();

        Assert.Empty(people.Complaints);

        // Whoever said that line is timed out, and told until when.
        await hands.PressAsync(owner.GetByRole(AriaRole.Button, new() { Name = "What to do about" }).First);
        await hands.ChooseItemAsync(owner.GetByRole(AriaRole.Menuitem, new() { Name = "for 10 minutes" }));
        await waiting.GetByText("You are kept away from this robot").WaitForAsync();
        await waiting.GetByText("You are banned from this robot until").WaitForAsync();
    }
}
