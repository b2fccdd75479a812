using System.Text.Json;

using LiveRobot.ControlSocket.Latency;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>Round trips of robots and viewers: measured, told to who asks, and reported.</summary>
public sealed class LatencyTests : IAsyncLifetime
{
    private ControlServer _server = null!;
    private Robot _robot = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ControlServer.StartAsync("Control:LatencyInterval=00:00:00.050");
        _robot = await _server.AddRobotAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_viewer_that_asks_is_told_its_round_trip_and_that_of_a_robot_of_any_protocol(int engineIOVersion)
    {
        await using var body = await _server.ConnectRobotAsync(_robot, engineIOVersion);
        await using var quiet = await _server.ConnectViewerAsync(_robot);
        await using var ann = await _server.ConnectAsync();
        var since = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await ann.AskOkAsync("select_robot", new { robot_id = _robot.Handle, latency = true });

        await Eventually.TrueAsync(() => ann.Of("latency").Count(told => told.Argument.GetProperty("robot_ms").ValueKind == JsonValueKind.Number) > 2);

        Assert.All(ann.Of("latency"), told =>
        {
            Assert.Equal(_robot.Handle, told.Argument.GetProperty("robot_id").GetString());
            Assert.True(told.Argument.GetProperty("viewer_ms").GetDouble() >= 0);
            Assert.InRange(told.Argument.GetProperty("time").GetInt64(), since, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        });
        Assert.Empty(quiet.Of("latency"));
        Assert.Empty(body.Of("latency"));
    }

    [Fact]
    public async Task What_is_measured_is_reported_and_counted_for_as_long_as_somebody_is_there()
    {
        using var metrics = _server.RecordMetrics();
        var ann = await _server.ConnectViewerAsync(_robot);
        var bob = await _server.ConnectViewerAsync(_robot);
        await using (await _server.ConnectRobotAsync(_robot))
        {
            await ReportedAsync(latency => latency is { RobotMs: not null, Viewers: 2, MedianMs: not null, SlowestMs: not null });
            foreach (var kind in new[] { "robot", "viewer" })
            {
                await Eventually.TrueAsync(() => metrics.Lines.Any(line =>
                    line.StartsWith("liverobot.control.round_trip.duration ", StringComparison.Ordinal) && line.EndsWith($"kind={kind}", StringComparison.Ordinal)));
            }

        }

        await ReportedAsync(latency => latency is { RobotMs: null, Viewers: 2 });
        await bob.DisposeAsync();
        await ReportedAsync(latency => latency.Viewers == 1);
        await ann.DisposeAsync();
        await ReportedAsync(latency => latency == RobotLatency.None);
    }

    [Fact]
    public async Task A_viewer_that_chooses_another_robot_is_counted_there_alone()
    {
        var other = await _server.AddRobotAsync("Other");
        await using var ann = await _server.ConnectViewerAsync(_robot);
        await ReportedAsync(latency => latency.Viewers == 1);

        await ann.AskOkAsync("select_robot", new { robot_id = other.Handle, latency = true });

        await ReportedAsync(latency => latency == RobotLatency.None);
        await Eventually.TrueAsync(() => ann.Of("latency").Any(told => told.Argument.GetProperty("robot_id").GetString() == other.Handle));
    }

    [Fact]
    public async Task Who_owes_an_answer_is_as_slow_as_it_has_waited_and_who_ends_has_none()
    {
        var clock = new ManualClock();
        var answer = new TaskCompletionSource<bool>();
        var roundTrip = new RoundTrip(() => answer.Task, clock);

        var first = roundTrip.MeasureAsync();
        clock.Advance(TimeSpan.FromMilliseconds(30));
        Assert.Null(roundTrip.Value);
        answer.SetResult(true);
        Assert.Equal(TimeSpan.FromMilliseconds(30), await first);

        answer = new TaskCompletionSource<bool>();
        var second = roundTrip.MeasureAsync();
        clock.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Equal(TimeSpan.FromMilliseconds(30), roundTrip.Value);
        clock.Advance(TimeSpan.FromMilliseconds(70));
        Assert.Equal(TimeSpan.FromMilliseconds(90), roundTrip.Value);
        answer.SetResult(false);
        Assert.Null(await second);
    }

    private Task ReportedAsync(Func<RobotLatency, bool> isIt) =>
        Eventually.TrueAsync(async () => isIt(await _server.Presence.GetLatencyAsync(_robot.Handle)), text: "the latency is reported");
}
