using System.Text.Json;

using LiveRobot.ControlSocket;
using LiveRobot.Platform.Control;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.Compatibility.Control;

/// <summary>
/// A robot of the LetsRobot era, which knows nothing of modes: it moves by whom the mode lets drive, and once control has
/// passed on it makes none of the former driver's movements. The robot is Olga's.
/// </summary>
public sealed class PulseRobotModesTests : IAsyncLifetime
{
    private ServiceHost _host = null!;
    private Robot _robot = null!;

    private ControlRulesStore Rules => _host.Get<ControlRulesStore>();

    public async ValueTask InitializeAsync()
    {
        _host = await ServiceHost.StartAsync(
            builder => builder.AddControlSocket(),
            endpoints => endpoints.MapControlSocket(),
            new Dictionary<string, string?> { ["Control:TurnGrace"] = "00:10:00" });
        _robot = await _host.Robots.AddAsync("Rover", "olga");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task It_moves_by_whom_each_mode_lets_drive_and_by_nobody_else()
    {
        await using var robot = PulseRobot.Start(_host.Address, _robot.RobotId);
        await robot.SaysAsync("identified");
        await using var ann = await Driver.ConnectAsync(_host, _robot);
        await using var bob = await Driver.ConnectAsync(_host, _robot);
        await using var olga = await Driver.ConnectAsync(_host, _robot, await _host.SignInAsync("olga"));

        // Everyone.
        await ann.HoldAsync("F");
        await bob.HoldAsync("L");
        await MovesAsync(robot, "F", "L");
        await ann.LetGoAsync();
        await bob.LetGoAsync();

        // One after the other.
        await ModeAsync(ControlMode.Queue);
        await ann.SeesModeAsync("queue");
        await ann.AskAsync("join_line");
        await bob.AskAsync("join_line");
        await ann.HoldAsync("F");
        await MovesAsync(robot, "F");
        Assert.Equal("not_your_turn", await bob.PressAsync("L"));
        await StopsAsync(robot, "F", () => ann.AskAsync("leave_line"));
        await bob.HoldAsync("L");
        await MovesAsync(robot, "L");

        // Exclusive control.
        await StopsAsync(robot, "L", () => Rules.GrantAsync(_robot.Handle, "olga", time: null));
        await olga.HoldAsync("R");
        await MovesAsync(robot, "R");
        Assert.Equal("exclusive_control", await bob.PressAsync("L"));
        await StopsAsync(robot, "R", () => Rules.EndExclusiveAsync(_robot.Handle));
        await Task.WhenAll(ann.LetGoAsync(), bob.LetGoAsync(), olga.LetGoAsync());

        // By vote.
        await ModeAsync(ControlMode.Vote);
        await ann.SeesModeAsync("vote");
        await Task.WhenAll(ann.HoldAsync("F"), bob.HoldAsync("F"), olga.HoldAsync("B"));
        await MovesAsync(robot, "F");
        await StopsAsync(robot, "F", () => ModeAsync(ControlMode.Owner));

        // The owner alone, until an emergency stop.
        await olga.HoldAsync("B");
        await MovesAsync(robot, "B");
        Assert.Equal("owner_only", await ann.PressAsync("F"));
        await StopsAsync(robot, "B", () => olga.AskAsync("emergency_stop"));
        Assert.Equal("control_closed", await olga.PressAsync("B"));
        Assert.DoesNotContain(robot.Lines, line => line.StartsWith("jammed", StringComparison.Ordinal));
    }

    private async Task ModeAsync(ControlMode mode) => await Rules.ChangeAsync(_robot.Handle, rules => rules with { Mode = mode });

    /// <summary>Waits until each of these has moved the robot anew.</summary>
    private static async Task MovesAsync(PulseRobot robot, params string[] commands)
    {
        var before = robot.Lines.Count;
        await Eventually.TrueAsync(
            () => commands.All(command => robot.Lines.Skip(before).Contains($"moves {command}")),
            text: $"the robot moves {string.Join(" and ", commands)}");
    }

    /// <summary>Control passes on while a key is held: the robot hears a stop, and nothing of that key after it.</summary>
    private static async Task StopsAsync(PulseRobot robot, string held, Func<Task> passOn)
    {
        var before = robot.Lines.Count;
        await passOn();
        await Eventually.TrueAsync(() => robot.Lines.Skip(before).Contains("stops"), text: $"the robot stops {held}");
        var stopped = before + robot.Lines.Skip(before).TakeWhile(line => line != "stops").Count();

        // Whoever held it repeats it all the while.
        await Task.Delay(TimeSpan.FromMilliseconds(500));
        Assert.DoesNotContain($"moves {held}", robot.Lines.Skip(stopped));
    }

    /// <summary>Somebody who holds a key as a browser does: a repeat every 100 ms, whatever is answered.</summary>
    private sealed class Driver : IAsyncDisposable
    {
        private readonly SocketIOPeer _peer;
        private CancellationTokenSource? _letGo;
        private Task _repeating = Task.CompletedTask;
        private string _held = "";

        private Driver(SocketIOPeer peer) => _peer = peer;

        public static async Task<Driver> ConnectAsync(ServiceHost host, Robot robot, string? cookie = null)
        {
            var driver = new Driver(await SocketIOPeer.ConnectAsync(host.Address, cookie: cookie));
            Assert.True((await driver._peer.AskAsync("select_robot", new { robot_id = robot.Handle })).GetProperty("ok").GetBoolean());
            return driver;
        }

        public async Task SeesModeAsync(string mode) => await _peer.WaitForAsync("control_state", state => state.GetProperty("mode").GetString() == mode);

        public async Task AskAsync(string name)
        {
            var answer = await _peer.AskAsync(name, new { });
            Assert.True(answer.GetProperty("ok").GetBoolean(), answer.GetRawText());
        }

        /// <summary>Presses a key; gives the code of the refusal.</summary>
        public async Task<string?> PressAsync(string command) =>
            (await EmitAsync(command, "down")) is var answer && answer.GetProperty("ok").GetBoolean() ? null : answer.GetProperty("code").GetString();

        /// <summary>Presses a key until that is taken, and holds it.</summary>
        public async Task HoldAsync(string command)
        {
            await LetGoAsync();
            await Eventually.TrueAsync(async () =>
            {
                await EmitAsync(command, "up");
                return await PressAsync(command) is null;
            });
            (_held, _letGo) = (command, new CancellationTokenSource());
            _repeating = RepeatAsync(_letGo.Token);
        }

        public async Task LetGoAsync()
        {
            if (_letGo is { } letGo)
            {
                await letGo.CancelAsync();
                await _repeating;
                await EmitAsync(_held, "up");
                letGo.Dispose();
                _letGo = null;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await LetGoAsync();
            await _peer.DisposeAsync();
        }

        private async Task RepeatAsync(CancellationToken letGo)
        {
            while (!letGo.IsCancellationRequested)
            {
                await EmitAsync(_held, "intermediate");
                await Task.Delay(TimeSpan.FromMilliseconds(100), letGo).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }

        private Task<JsonElement> EmitAsync(string command, string position) =>
            _peer.AskAsync("command_to_robot", new { command, key_position = position });
    }
}
