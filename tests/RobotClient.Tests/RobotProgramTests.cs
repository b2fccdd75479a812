using LiveRobot.Testing;

namespace LiveRobot.RobotClient.Tests;

/// <summary>The program from outside: it is started, it sends, it is ended.</summary>
public sealed class RobotProgramTests
{
    [Theory]
    [InlineData("KILL", 137)]
    [InlineData("TERM", 0)]
    [InlineData("INT", 0)]
    public async Task Signal_WhileSending_LeavesNoFfmpegBehind(string signal, int exitCode)
    {
        await using var server = await RobotServer.StartAsync();
        await using var robot = RobotProgram.Start(server.Address, FreePorts.Take());
        await Eventually.TrueAsync(() => server.Ingests is [{ Length: > 0 }, { Length: > 0 }]);
        Assert.Equal(2, TestProcesses.FfmpegsWith(robot.StreamKey).Count);

        await robot.SignalAsync(signal);

        Assert.Equal(exitCode, await robot.WaitAsync());
        await Eventually.TrueAsync(() => TestProcesses.With(robot.StreamKey).Count == 0);
        await Eventually.TrueAsync(() => server.Ingests.All(ingest => ingest.HasEnded));
    }

    [Fact]
    public async Task Sound_AsTheRelayGetsIt_IsMp2OfOneChannel()
    {
        await using var server = await RobotServer.StartAsync();
        await using var robot = RobotProgram.Start(server.Address, FreePorts.Take(), "--no-video");

        await Eventually.TrueAsync(() => server.Ingests is [{ Length: > 8_000 }]);
        var sound = await Judge.ProbeAsync(server.Ingests[0].Bytes);

        Assert.Equal(("mp2", "44100", "1", "32000"), (sound["codec_name"], sound["sample_rate"], sound["channels"], sound["bit_rate"]));
    }

    [Fact]
    public async Task Size_WithoutTheOption_IsThatOfTheSettings()
    {
        await using var server = await RobotServer.StartAsync();
        server.Settings = new { xres = "320", yres = 180, mic_enabled = false };

        await using var robot = RobotProgram.Start(server.Address, FreePorts.Take());

        await Eventually.TrueAsync(() => server.Ingests is [{ Length: > 50_000 }]);
        var video = await Judge.ProbeAsync(server.Ingests[0].Bytes);
        Assert.Equal(("320", "180"), (video["width"], video["height"]));
        Assert.Equal($"/{robot.StreamKey}/320/180/", server.Ingests[0].Path);
    }

    [Fact]
    public async Task Log_WhenFfmpegComplainsWithTheAddress_ShowsNoSecret()
    {
        await using var server = await RobotServer.StartAsync();
        server.ToldPort = FreePorts.Take();

        await using var robot = RobotProgram.Start(server.Address, FreePorts.Take());

        await Eventually.TrueAsync(() => robot.Log.Any(line => line.Contains("[secret]", StringComparison.Ordinal)));
        await Eventually.TrueAsync(() => robot.Log.Any(line => line.Contains("control socket cannot be connected", StringComparison.Ordinal)));
        await robot.SignalAsync("TERM");
        await robot.WaitAsync();
        var everything = string.Join('\n', [.. robot.Output, .. robot.Log]);
        Assert.DoesNotContain(robot.StreamKey, everything);
        Assert.DoesNotContain(robot.RobotId, everything);
    }

    [Fact]
    public async Task Start_WithoutAServer_WaitsForIt()
    {
        var port = FreePorts.Take();
        await using var robot = RobotProgram.Start(new Uri($"http://127.0.0.1:{port}"), FreePorts.Take());
        await Eventually.TrueAsync(() => robot.Log.Any(line => line.Contains("video feed waits", StringComparison.Ordinal)));

        await using var server = await RobotServer.StartAsync(port);

        await Eventually.TrueAsync(() => server.Ingests is [{ Length: > 0 }, { Length: > 0 }]);
    }

    [Fact]
    public async Task Feeds_AfterTheServerRestarted_AreSentAgainToWhereItIsNow()
    {
        var port = FreePorts.Take();
        var first = await RobotServer.StartAsync(port);
        await using var robot = RobotProgram.Start(first.Address, FreePorts.Take());
        await Eventually.TrueAsync(() => first.Ingests is [{ Length: > 0 }, { Length: > 0 }]);
        await first.DisposeAsync();

        await using var relay = await RobotServer.StartAsync();
        await using var second = await RobotServer.StartAsync(port);
        second.ToldPort = relay.Address.Port;

        await Eventually.TrueAsync(() => relay.Ingests.Count(ingest => ingest.Length > 0) == 2);
    }
}
