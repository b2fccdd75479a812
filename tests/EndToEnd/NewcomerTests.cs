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
    private static readonly string Client = Path.Combine(Repository.Root, "artifacts/bin/RobotClient/debug/RobotClient.dll");

    private readonly TemporaryFolder _folder = new();
    private Installation _installation = null!;

    public async ValueTask InitializeAsync() => _installation = await Installation.StartAsync(Installation.Patient);

    public async ValueTask DisposeAsync()
    {
        await _installation.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1280, 800, ColorScheme.Dark)]
    [InlineData(360, 740, ColorScheme.Light)]
    public async Task A_newcomer_brings_a_robot_to_life_and_others_drive_it(int width, int height, ColorScheme scheme)
    {
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
        await owner.GetByLabel("Name").FillAsync("nora");
        await owner.GetByLabel("Password").FillAsync("correct horse");
        await owner.GetByRole(AriaRole.Button, new() { Name = "Sign up" }).ClickAsync();
        await owner.GetByLabel("Name of a new robot").FillAsync("Rover");
        await people.LookAsync(owner, "account");
        await owner.GetByRole(AriaRole.Button, new() { Name = "Add robot" }).ClickAsync();

        // Follows the guide: a code, the client, and a list that turns green.
        await owner.GetByRole(AriaRole.Button, new() { Name = "Make a code" }).ClickAsync();
        var code = await owner.Locator("section[aria-labelledby=pair] code").First.InnerTextAsync();
        await people.LookAsync(owner, "settings");
        await ChildProcess.RunAsync("dotnet", [Client, "pair", code, "--server", _installation.Url, "--config", _folder.File("liverobot.env")]);
        await using var robot = ChildProcess.Start("dotnet", [Client, "--config", _folder.File("liverobot.env"), "--demo", "--status-port", _installation.Port("Status").ToString(CultureInfo.InvariantCulture)]);
        await owner.GetByText("Ready: your robot is live.").WaitForAsync(new() { Timeout = 60_000 });
        foreach (var part in new[] { "control", "chat", "status", "video", "audio" })
        {
            Assert.Equal("true", await owner.Locator($"[data-check={part}]").GetAttributeAsync("data-there"));
        }

        await owner.GetByLabel("How the robot is shared").SelectOptionAsync("queue");
        await owner.GetByLabel("Length of a turn, in seconds").FillAsync("3600");
        await owner.GetByRole(AriaRole.Button, new() { Name = "Save who drives when" }).ClickAsync();
        await owner.GetByText("Saved. It counts from now on.").WaitForAsync();
        await owner.GetByRole(AriaRole.Link, new() { Name = "Go and drive it" }).ClickAsync();

        // A second person finds it on the first page, waits for the first picture and drives; a third stands in line.
        var driver = await people.NewAsync();
        await driver.GotoAsync(_installation.Url);
        await driver.Locator("article img.pictured").WaitForAsync();
        await people.LookAsync(driver, "home");
        var clicked = Stopwatch.GetTimestamp();
        await driver.GetByRole(AriaRole.Link, new() { Name = "Rover" }).First.ClickAsync();
        await driver.Locator("[data-testid=video][data-state=playing]").WaitForAsync();
        output.WriteLine($"From the click on a robot to its first picture: {Stopwatch.GetElapsedTime(clicked).TotalMilliseconds:F0} ms ({width} pixels wide).");
        await driver.GetByRole(AriaRole.Button, new() { Name = "Stand in line" }).ClickAsync();
        await driver.GetByText("Your turn").WaitForAsync();
        var waiting = await people.NewAsync();
        await waiting.GotoAsync($"{_installation.Url}/robot/rover");
        await waiting.GetByRole(AriaRole.Button, new() { Name = "Stand in line" }).ClickAsync();
        await waiting.GetByText("You are next").WaitForAsync();
        await driver.GetByRole(AriaRole.Button, new() { Name = "Forward", Exact = true }).ClickAsync();
        await robot.WaitForLineAsync(line => line.StartsWith("command F down", StringComparison.Ordinal));
        await robot.WaitForLineAsync(line => line.StartsWith("command F up", StringComparison.Ordinal));

        // They talk, and the owner stops the robot and opens it again.
        await waiting.GetByRole(AriaRole.Textbox).FillAsync("hello robot");
        await waiting.GetByRole(AriaRole.Textbox).PressAsync("Enter");
        await robot.WaitForLineAsync(line => line.EndsWith("hello robot", StringComparison.Ordinal));
        await driver.GetByText("hello robot").WaitForAsync();
        await people.LookAsync(driver, "robot");
        await people.LookAsync(owner, "robot-of-its-owner");
        await owner.GetByRole(AriaRole.Button, new() { Name = "Stop", Exact = true }).ClickAsync();
        await waiting.GetByText("Stopped in an emergency by nora").WaitForAsync();
        await people.LookAsync(waiting, "robot-stopped");
        await owner.GetByRole(AriaRole.Button, new() { Name = "Open the controls" }).ClickAsync();
        await waiting.GetByText("You are next").WaitForAsync();

        Assert.Empty(people.Complaints);

        // Whoever said that line is timed out, and told until when.
        await owner.GetByRole(AriaRole.Button, new() { Name = "What to do about" }).First.ClickAsync();
        await owner.GetByRole(AriaRole.Menuitem, new() { Name = "for 10 minutes" }).ClickAsync();
        await waiting.GetByText("You are kept away from this robot").WaitForAsync();
        await waiting.GetByText("You are banned from this robot until").WaitForAsync();
    }
}
