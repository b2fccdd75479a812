using System.Diagnostics;

using LiveRobot.ControlSocket;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.Compatibility.Control;

/// <summary>
/// The dead man's handle with a robot that makes it hard: every event it gets moves it, and it is deaf most of the time.
/// </summary>
public sealed class PulseRobotTests : IAsyncLifetime
{
    private ServiceHost _host = null!;
    private Robot _robot = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await ServiceHost.StartAsync(builder => builder.AddControlSocket(), endpoints => endpoints.MapControlSocket());
        _robot = await _host.Robots.AddAsync("Rover", "olga");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task After_its_viewer_is_killed_the_robot_makes_no_further_movement()
    {
        await using var robot = await StartReadyRobotAsync();
        await using var viewer = await KeyHolder.PressAsync(_host.Address, _robot, "F");
        await Eventually.TrueAsync(() => robot.Count("moves F") >= 5);

        viewer.Kill();
        await Eventually.TrueAsync(() => robot.Count("stops") > 0);

        // Past the last repeat of the release, and past a hold's timeout.
        await Task.Delay(TimeSpan.FromSeconds(2.5));
        Assert.DoesNotContain("moves F", robot.Lines.SkipWhile(line => line != "stops"));
        Assert.DoesNotContain(robot.Lines, line => line.StartsWith("jammed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Suspended_while_a_key_is_held_and_let_go_it_finds_the_stop_and_no_stale_movement()
    {
        await using var robot = await StartReadyRobotAsync();
        await using var viewer = await KeyHolder.PressAsync(_host.Address, _robot, "F");
        await SuspendBetweenRepeatsAsync(robot);
        var suspended = Stopwatch.GetTimestamp();
        await Task.Delay(TimeSpan.FromSeconds(2.5));
        await viewer.LetGoAsync();
        await Task.Delay(TimeSpan.FromSeconds(5) - Stopwatch.GetElapsedTime(suspended));

        await AssertStandsWhenResumedAsync(robot);
    }

    [Fact]
    public async Task Suspended_and_let_go_in_the_same_moment_it_finds_the_stop_and_no_stale_movement()
    {
        await using var robot = await StartReadyRobotAsync();
        await using var viewer = await KeyHolder.PressAsync(_host.Address, _robot, "F");
        await SuspendBetweenRepeatsAsync(robot);
        await viewer.LetGoAsync();
        await Task.Delay(TimeSpan.FromSeconds(5));

        await AssertStandsWhenResumedAsync(robot);
    }

    [Fact]
    public async Task Suspended_while_its_viewer_is_killed_it_finds_the_stop_and_no_stale_movement()
    {
        await using var robot = await StartReadyRobotAsync();
        await using var viewer = await KeyHolder.PressAsync(_host.Address, _robot, "F");
        await SuspendBetweenRepeatsAsync(robot);
        await Task.Delay(TimeSpan.FromSeconds(1));
        viewer.Kill();
        await Task.Delay(TimeSpan.FromSeconds(4));

        await AssertStandsWhenResumedAsync(robot);
    }

    [Fact]
    public async Task Pressed_from_the_first_moment_it_is_not_jammed()
    {
        await using var robot = PulseRobot.Start(_host.Address, _robot.RobotId, loadSeconds: 1.5);
        await using var viewer = await KeyHolder.PressAsync(_host.Address, _robot, "F");

        // The hold of a refused press does not begin by itself: press until it is taken.
        await Eventually.TrueAsync(async () =>
        {
            await using var impatient = await KeyHolder.PressAsync(_host.Address, _robot, "L");
            await Task.Delay(TimeSpan.FromMilliseconds(300));
            return robot.Count("moves L") > 0;
        });

        Assert.DoesNotContain(robot.Lines, line => line.StartsWith("jammed", StringComparison.Ordinal));
    }

    private async Task<PulseRobot> StartReadyRobotAsync()
    {
        var robot = PulseRobot.Start(_host.Address, _robot.RobotId);
        await robot.SaysAsync("identified");
        await Eventually.TrueAsync(async () => (await _host.Presence.GetAsync(_robot)).Online);
        // The service spares a robot of this kind for two seconds.
        await Task.Delay(TimeSpan.FromSeconds(2.2));
        return robot;
    }

    /// <summary>Suspends the robot when it has just read a repeat, so that the next one is not on its way yet.</summary>
    private static async Task SuspendBetweenRepeatsAsync(PulseRobot robot)
    {
        var moves = robot.Count("moves F");
        await Eventually.TrueAsync(() => robot.Count("moves F") >= moves + 3);
        await robot.SuspendAsync();
    }

    private static async Task AssertStandsWhenResumedAsync(PulseRobot robot)
    {
        var stops = robot.Count("stops");
        var resumed = Stopwatch.GetTimestamp();
        await robot.ResumeAsync();
        await Eventually.TrueAsync(() => robot.Count("stops") > stops);

        await Task.Delay(TimeSpan.FromSeconds(2));
        Assert.DoesNotContain(robot.TimesOf("moves"), time => time > resumed);
    }
}
