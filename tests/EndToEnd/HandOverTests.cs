using LiveRobot.Testing;

using Microsoft.Playwright;

namespace LiveRobot.EndToEnd;

/// <summary>Three browsers on one robot: two people take turns, the owner takes the robot from them, gives it back and stops it.</summary>
public sealed class HandOverTests(Chromium chromium) : IAsyncLifetime
{
    private Installation _installation = null!;

    public async ValueTask InitializeAsync() => _installation = await Installation.StartAsync(Installation.Patient);

    public ValueTask DisposeAsync() => _installation.DisposeAsync();

    [Fact]
    public async Task Control_passes_from_hand_to_hand_and_nothing_moves_after_a_release()
    {
        var code = await _installation.RunAsync("accounts", "code");
        await using var browser = await chromium.OpenAsync($"{_installation.Url}/sign-up?code={code}");
        var olga = browser.Page;
        await olga.GetByLabel("Name").FillAsync("olga");
        await olga.GetByLabel("Password").FillAsync("correct horse");
        await olga.GetByRole(AriaRole.Button, new() { Name = "Sign up" }).ClickAsync();
        await olga.GetByLabel("Name of a new robot").FillAsync("Rover");
        await olga.GetByRole(AriaRole.Button, new() { Name = "Add robot" }).ClickAsync();
        await olga.GetByRole(AriaRole.Button, new() { Name = "Show them" }).ClickAsync();
        var robotId = await olga.Locator("section[aria-labelledby=credentials] code").First.InnerTextAsync();
        await using var robot = await SocketIOPeer.ConnectAsync(new Uri($"http://localhost:{_installation.Port("Control")}"));
        Assert.True((await robot.AskAsync("robot_id", robotId)).GetProperty("ok").GetBoolean());
        await robot.AskAsync("robot_capabilities", new { key_position = true, acknowledge = true });

        var page = $"{_installation.Url}/robot/rover";
        await olga.GotoAsync(page);
        await olga.GetByLabel("How the robot is shared").SelectOptionAsync("queue");
        var (ann, bob) = (await browser.Page.Context.Browser!.NewPageAsync(), await browser.Page.Context.Browser!.NewPageAsync());
        await ann.GotoAsync(page);
        await bob.GotoAsync(page);
        await StandInLineAsync(ann);
        await ann.GetByText("Your turn").WaitForAsync();
        await StandInLineAsync(bob);
        await bob.GetByText("You are next").WaitForAsync();

        await HoldAsync(ann, "Forward");
        await HeardAsync(robot, "F:down");
        await ann.EvaluateAsync("[...document.querySelectorAll('button')].find(button => button.textContent.trim() === 'Pass it on').click()");
        await bob.GetByText("Your turn").WaitForAsync();
        await HeardAsync(robot, "F:down F:up");

        await HoldAsync(bob, "Left");
        await HeardAsync(robot, "F:down F:up L:down");
        await olga.GetByRole(AriaRole.Button, new() { Name = "Take control" }).ClickAsync();
        await bob.GetByText("olga has exclusive control").WaitForAsync();
        await HeardAsync(robot, "F:down F:up L:down L:up");

        await olga.GetByRole(AriaRole.Button, new() { Name = "Give control back" }).ClickAsync();
        await bob.GetByText("Your turn").WaitForAsync();
        await bob.Mouse.UpAsync();
        await HoldAsync(bob, "Right");
        await HeardAsync(robot, "F:down F:up L:down L:up R:down");
        await olga.GetByRole(AriaRole.Button, new() { Name = "Stop", Exact = true }).ClickAsync();
        await bob.GetByText("Stopped in an emergency by olga").WaitForAsync();
        await HeardAsync(robot, "F:down F:up L:down L:up R:down stop:up");
        await olga.GetByRole(AriaRole.Button, new() { Name = "Open the controls" }).ClickAsync();
        await bob.GetByText("Your turn").WaitForAsync();

        // Ann and Bob hold their keys still; a key that was released by the server drives only when it is pressed anew.
        const string InTurns = "F:down F:up L:down L:up R:down stop:up";
        await HeardAsync(robot, InTurns);
        await ann.Mouse.UpAsync();
        await bob.Mouse.UpAsync();

        // All at once, until the owner keeps the robot to herself.
        await olga.GetByLabel("How the robot is shared").SelectOptionAsync("everyone");
        await ann.GetByRole(AriaRole.Group, new() { Name = "Who drives" }).WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        await HoldAsync(ann, "Forward");
        await HeardAsync(robot, $"{InTurns} F:down");
        await olga.GetByLabel("How the robot is shared").SelectOptionAsync("owner");
        await ann.GetByText("Only the owner drives now").WaitForAsync();
        await HeardAsync(robot, $"{InTurns} F:down F:up");
        await HoldAsync(olga, "Right");
        await HeardAsync(robot, $"{InTurns} F:down F:up R:down");
        await olga.Mouse.UpAsync();
        await HeardAsync(robot, $"{InTurns} F:down F:up R:down R:up");

        // By vote, and back to all.
        const string ByOwner = $"{InTurns} F:down F:up R:down R:up";
        await ann.Mouse.UpAsync();
        await olga.GetByLabel("How the robot is shared").SelectOptionAsync("vote");
        await bob.GetByText("What most press wins").WaitForAsync();
        await HoldAsync(bob, "Left");
        await HeardAsync(robot, $"{ByOwner} L:down");
        await bob.Mouse.UpAsync();
        await HeardAsync(robot, $"{ByOwner} L:down L:up");
        await HoldAsync(ann, "Forward");
        await HeardAsync(robot, $"{ByOwner} L:down L:up F:down");
        await olga.GetByLabel("How the robot is shared").SelectOptionAsync("everyone");
        await bob.GetByRole(AriaRole.Group, new() { Name = "Who drives" }).WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        await HeardAsync(robot, $"{ByOwner} L:down L:up F:down F:up");
    }

    private static Task StandInLineAsync(IPage page) => page.GetByRole(AriaRole.Button, new() { Name = "Stand in line" }).ClickAsync();

    private static async Task HoldAsync(IPage page, string label)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = label }).First.HoverAsync();
        await page.Mouse.DownAsync();
    }

    private static async Task HeardAsync(SocketIOPeer robot, string commands)
    {
        await Eventually.TrueAsync(() => Heard(robot).Length >= commands.Length, text: $"the robot hears {commands}");
        Assert.Equal(commands, Heard(robot));
    }

    /// <summary>
    /// What moved and released the robot, without the repeats of a key that is held. A release is never refused, so where
    /// the server was first and the browser lets go as well, it comes twice; it is told once.
    /// </summary>
    private static string Heard(SocketIOPeer robot)
    {
        var commands = robot.Received
            .Where(received => received.Name == "command_to_robot")
            .Select(received => received.Argument)
            .Where(command => command.GetProperty("key_position").GetString() != "intermediate")
            .Select(command => $"{command.GetProperty("command")}:{command.GetProperty("key_position")}")
            .ToArray();
        return string.Join(' ', commands.Where((command, index) => index == 0 || !command.EndsWith(":up", StringComparison.Ordinal) || command != commands[index - 1]));
    }
}
