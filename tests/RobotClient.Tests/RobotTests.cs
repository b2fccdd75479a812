using System.Diagnostics;
using System.Diagnostics.Metrics;

using LiveRobot.Platform.Presence;
using LiveRobot.Testing;

namespace LiveRobot.RobotClient.Tests;

/// <summary>The robot program on the real services.</summary>
public sealed class RobotTests : IAsyncLifetime
{
    private LiveRobotServer _server = null!;

    private string Handle => _server.Robot.Handle;

    public async ValueTask InitializeAsync() => _server = await LiveRobotServer.StartAsync();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Command_OfAViewer_IsPrintedAndAcknowledged()
    {
        var acknowledged = 0;
        using var meter = new MeterListener();
        meter.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "liverobot.control.acknowledgement.duration")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        meter.SetMeasurementEventCallback<double>((_, _, _, _) => Interlocked.Increment(ref acknowledged));
        meter.Start();
        await using var robot = _server.StartRobot("--no-video", "--no-audio");
        await using var viewer = await ViewerOfConnectedRobotAsync(robot);

        Assert.True(await viewer.CommandAsync("F", "down", Handle));
        await Eventually.TrueAsync(() => robot.Output.Count == 1);
        Assert.True(await viewer.CommandAsync("F", "up", Handle));
        await Eventually.TrueAsync(() => robot.Output.Count == 2);

        Assert.Matches("^command F down from .+$", robot.Output.First());
        Assert.Matches("^command F up from .+$", robot.Output.Last());
        await Eventually.TrueAsync(() => acknowledged >= 2);
    }

    [Fact]
    public async Task Pair_WithTheOwnersCode_MakesARobotThatNeedsNothingElse()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("robot.env");
        await using (var pairing = RobotProgram.Run(["pair", await _server.PairingCodeAsync(), "--server", $"{_server.Address}", "--config", file]))
        {
            Assert.Equal(0, await pairing.WaitAsync());
            Assert.DoesNotContain(_server.Robot.RobotId, string.Join('\n', pairing.Output));
        }

        // Its bare robot-id is off from now on: look-ups and every socket go with the robot token.
        await using var robot = _server.StartPairedRobot(file);
        await using var viewer = await ViewerOfConnectedRobotAsync(robot);
        Assert.True(await viewer.CommandAsync("F", "down", Handle));
        await Eventually.TrueAsync(() => robot.Output.Any(line => line.StartsWith("command F down", StringComparison.Ordinal)));
        await Eventually.TrueAsync(async () => await _server.StateAsync() is { Online: true, Live: true, Video: VideoState.Flowing });
    }

    [Fact]
    public async Task Run_Twice_TheNewestIsTheRobotAndTheOtherWaits()
    {
        await using var older = _server.StartRobot("--no-video", "--no-audio");
        await using (await ViewerOfConnectedRobotAsync(older))
        {
        }

        await using var newer = _server.StartRobot("--no-video", "--no-audio");
        foreach (var socket in new[] { "control", "chat", "status" })
        {
            await Eventually.TrueAsync(() => older.Log.Any(line => line.Contains($"taken over as this robot on the {socket} socket", StringComparison.Ordinal)));
        }

        await using var viewer = await ViewerOfConnectedRobotAsync(newer);
        Assert.True(await viewer.CommandAsync("F", "down", Handle));
        await Eventually.TrueAsync(() => newer.Output.Any(line => line.StartsWith("command F down", StringComparison.Ordinal)));
        Assert.DoesNotContain(older.Output, line => line.StartsWith("command", StringComparison.Ordinal));
        Assert.DoesNotContain(newer.Log, line => line.Contains("taken over", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pair_WithAWrongCode_SaysSoInOneLine()
    {
        using var folder = new TemporaryFolder();
        await using var pairing = RobotProgram.Run(["pair", "AAAAAA", "--server", $"{_server.Address}", "--config", folder.File("robot.env")]);

        Assert.Equal(1, await pairing.WaitAsync());

        Assert.Equal("The server refused the code: This is not a pairing code, or it was used, or it is too old.", Assert.Single(pairing.Log));
    }

    [Fact]
    public async Task Viewer_WhoVanishesWithAKeyHeld_LeavesTheRobotReleased()
    {
        await using var robot = _server.StartRobot("--no-video", "--no-audio");
        await using (var viewer = await ViewerOfConnectedRobotAsync(robot))
        {
            Assert.True(await viewer.CommandAsync("F", "down", Handle));
            await Eventually.TrueAsync(() => robot.Output.Count == 1);
        }

        // The robot said that it knows key positions: it gets the key's release, not the word for robots that do not.
        await Eventually.TrueAsync(() => robot.Output.Count == 2);
        Assert.StartsWith("command F up", robot.Output.Last());
    }

    [Fact]
    public async Task Chat_OfAViewer_IsPrinted()
    {
        await using var robot = _server.StartRobot("--no-video", "--no-audio");
        await Eventually.TrueAsync(() => robot.Log.Any(line => line.Contains("chat socket is connected", StringComparison.Ordinal)));
        await using var viewer = await Viewer.ConnectAsync(_server.Chat, Handle);

        // The robot's identification may still be on its way when it says that it is connected.
        await Eventually.TrueAsync(async () =>
        {
            await viewer.AskAsync("chat_message", new { robot_id = Handle, message = "hello robot" });
            return !robot.Output.IsEmpty;
        });

        Assert.Matches(@"^chat \[Rover\] .+: hello robot$", robot.Output.First());
    }

    [Fact]
    public async Task Live_WhileTheRobotRuns_FollowsItsFeed()
    {
        await using var robot = _server.StartRobot();
        await Eventually.TrueAsync(async () => await _server.StateAsync() is { Live: true, Online: true, Video: VideoState.Flowing });

        await robot.SignalAsync("TERM");
        Assert.Equal(0, await robot.WaitAsync());

        await Eventually.TrueAsync(async () => await _server.StateAsync() is { Live: false, Online: false, Video: VideoState.None });
    }

    [Fact]
    public async Task Key_ThatIsWrong_IsToldByTheRealRelay()
    {
        await using var robot = _server.StartRobot("not-the-key", []);

        await Eventually.TrueAsync(() => robot.Log.Count(line => line.Contains("wrong stream key (403)", StringComparison.Ordinal)) == 2);
        Assert.False((await _server.StateAsync()).Live);
    }

    [Fact]
    public async Task ServerRestart_WithAKeyHeld_StopsTheRobotAndThenAllIsWellAgain()
    {
        await using var robot = _server.StartRobot();
        await using (var viewer = await ViewerOfConnectedRobotAsync(robot))
        {
            await Eventually.TrueAsync(async () => (await _server.StateAsync()).Live);
            Assert.True(await viewer.CommandAsync("F", "down", Handle));
            await Eventually.TrueAsync(() => robot.Output.Count == 1);

            await _server.StopAsync();
        }

        // Going down, the server may still release the robot; if not, the robot does so itself.
        await Eventually.TrueAsync(() => robot.Output.Count == 2);
        Assert.Matches(@"^(stop \(connection lost\)|command F up .*)$", robot.Output.Last());

        await _server.StartAgainAsync();
        await Eventually.TrueAsync(async () => await _server.StateAsync() is { Live: true, Online: true, Video: VideoState.Flowing });
        await using var another = await Viewer.ConnectAsync(_server.Control, Handle);

        // The chat socket may be back before the control socket is. What is refused while the robot is away counts as held: let go first.
        await Eventually.TrueAsync(async () => await another.CommandAsync("L", "up", Handle) && await another.CommandAsync("L", "down", Handle));
        await Eventually.TrueAsync(() => robot.Output.Any(line => line.StartsWith("command L down", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Network_ThatGoesDeafWithAKeyHeld_StopsTheRobotWithinTheHeartbeatTimeout()
    {
        await using var network = new DeafNetwork(_server.Control.Port);
        await using var lookups = await RobotServer.StartAsync();
        (lookups.ToldPort, lookups.ToldChatPort) = (network.Port, _server.Chat.Port);
        await using var robot = RobotProgram.Start(
            lookups.Address, FreePorts.Take(), _server.Robot.RobotId, 7, "key", "--no-video", "--no-audio", "--heartbeat-timeout", "1");
        await using var viewer = await ViewerOfConnectedRobotAsync(robot);
        Assert.True(await viewer.CommandAsync("F", "down", Handle));
        await Eventually.TrueAsync(() => robot.Output.Count == 1);

        var sinceDeaf = Stopwatch.StartNew();
        network.GoDeaf();

        await Eventually.TrueAsync(() => robot.Output.Count == 2);
        Assert.Equal("stop (connection lost)", robot.Output.Last());

        // A second between two heartbeats, a second for the answer; the rest is the busy machine's.
        Assert.InRange(sinceDeaf.Elapsed.TotalSeconds, 0.9, 8);

        network.HearAgain();
        await Eventually.TrueAsync(() => robot.Log.Count(line => line.Contains("control socket is connected", StringComparison.Ordinal)) == 2);
    }

    [Fact]
    public async Task Server_ThatAcceptsAndNeverAnswers_IsGivenUpAndTriedAgain()
    {
        await using var network = new DeafNetwork();
        await using var lookups = await RobotServer.StartAsync();
        lookups.ToldPort = network.Port;

        await using var robot = RobotProgram.Start(lookups.Address, network.Port, "--no-video", "--no-audio");

        await Eventually.TrueAsync(() => network.Connections > 3);
        Assert.Contains(robot.Log, line => line.Contains("control socket cannot be connected", StringComparison.Ordinal));
        Assert.Contains(robot.Log, line => line.Contains("status socket cannot be connected", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Settings_WhenTheyChange_AreObeyedAtOnce()
    {
        await using var robot = _server.StartRobot();
        var key = _server.StreamKey;
        await Eventually.TrueAsync(() => TestProcesses.FfmpegsWith($"/{key}/640/480/").Count == 2);
        await Eventually.TrueAsync(async () => (await _server.StateAsync()).Live);

        await _server.ChangeSettingsAsync("xres = 320, yres = 240, mic_enabled = 0");

        await Eventually.TrueAsync(() => TestProcesses.FfmpegsWith($"/{key}/320/240/").Count == 1 && TestProcesses.FfmpegsWith($"/{key}/640/480/").Count == 0);
        await Eventually.TrueAsync(async () => await _server.StateAsync() is { Live: true, Video: VideoState.Flowing });
    }

    [Fact]
    public async Task Video_SwitchedOffAndOn_EndsAndComesBack()
    {
        await using var robot = _server.StartRobot();
        var key = _server.StreamKey;
        await Eventually.TrueAsync(async () => (await _server.StateAsync()).Live);
        await Eventually.TrueAsync(() => TestProcesses.FfmpegsWith(key).Count == 2);

        _server.EmitOnStatus("command_to_robot", new { robot_id = _server.Robot.RobotId, command = "VIDOFF" });
        await Eventually.TrueAsync(() => TestProcesses.With(key).Count == 0);
        await Eventually.TrueAsync(async () => !(await _server.StateAsync()).Live);

        _server.EmitOnStatus("command_to_robot", new { robot_id = _server.Robot.RobotId, command = "VIDON" });
        await Eventually.TrueAsync(async () => (await _server.StateAsync()).Live);
        await Eventually.TrueAsync(() => TestProcesses.FfmpegsWith(key).Count == 2);
    }

    [Fact]
    public async Task Command_InTheDemo_IsInThePictureThatFfmpegDraws()
    {
        await using var robot = _server.StartRobot("--no-audio");
        await Eventually.TrueAsync(() => TestProcesses.FfmpegsWith(_server.StreamKey).Count == 1);
        var ffmpeg = TestProcesses.FfmpegsWith(_server.StreamKey).Single();
        await using (var viewer = await ViewerOfConnectedRobotAsync(robot))
        {
            Assert.True(await viewer.CommandAsync("F", "down", Handle));
            await Eventually.TrueAsync(() => File.ReadAllText($"/proc/{ffmpeg}/cwd/command.txt") == "F down");
        }

        await Eventually.TrueAsync(() => File.ReadAllText($"/proc/{ffmpeg}/cwd/command.txt") == "F up");
    }

    private async Task<Viewer> ViewerOfConnectedRobotAsync(RobotProgram robot)
    {
        await Eventually.TrueAsync(() => robot.Log.Any(line => line.Contains("control socket is connected", StringComparison.Ordinal)));
        await Eventually.TrueAsync(async () => (await _server.StateAsync()).Online);
        return await Viewer.ConnectAsync(_server.Control, Handle);
    }
}
