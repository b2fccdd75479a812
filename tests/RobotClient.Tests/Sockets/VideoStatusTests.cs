using System.Collections.Concurrent;
using System.Text.Json;

using LiveRobot.RobotClient.Sockets;
using LiveRobot.Testing;

namespace LiveRobot.RobotClient.Tests.Sockets;

public sealed class VideoStatusTests : IAsyncLifetime
{
    private const string Sending = """{"send_video_process_exists":true,"camera_id":7}""";
    private const string Ended = """{"send_video_process_exists":false,"camera_id":7}""";

    private readonly ManualClock _clock = new();
    private readonly ConcurrentQueue<string> _sent = new();
    private readonly CancellationTokenSource _end = new();
    private readonly VideoStatus _status;
    private Task _running = Task.CompletedTask;

    public VideoStatusTests() => _status = new VideoStatus(EmitAsync, 7, _clock);

    public async ValueTask InitializeAsync()
    {
        _running = _status.RunAsync(_end.Token);
        await Eventually.TrueAsync(() => _sent.Count == 1);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running;
        _end.Dispose();
    }

    [Fact]
    public async Task Set_WhenSendingBegins_IsToldAtOnceAndEvery30Seconds()
    {
        _status.Set(true);
        await Eventually.TrueAsync(() => _sent.SequenceEqual([Ended, Sending]));

        for (var count = 3; count < 6; count++)
        {
            _clock.Advance(TimeSpan.FromSeconds(29.9));
            Assert.Equal(count - 1, _sent.Count);
            _clock.Advance(TimeSpan.FromSeconds(0.1));
            await Eventually.TrueAsync(() => _sent.Count == count);
        }

        Assert.All(_sent.Skip(1), message => Assert.Equal(Sending, message));
    }

    [Fact]
    public async Task Set_WhenSendingEnds_IsToldAtOnceAndNotRepeated()
    {
        _status.Set(true);
        await Eventually.TrueAsync(() => _sent.Count == 2);

        _status.Set(false);
        await Eventually.TrueAsync(() => _sent.SequenceEqual([Ended, Sending, Ended]));

        _clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(3, _sent.Count);
    }

    [Fact]
    public async Task Send_OnANewSocket_TellsThePresentState()
    {
        _status.Set(true);
        await Eventually.TrueAsync(() => _sent.Count == 2);

        _status.Send();

        await Eventually.TrueAsync(() => _sent.SequenceEqual([Ended, Sending, Sending]));
    }

    [Fact]
    public async Task Cancel_WhileSending_TellsTheEnd()
    {
        _status.Set(true);
        await Eventually.TrueAsync(() => _sent.Count == 2);

        await _end.CancelAsync();
        await _running;

        Assert.Equal(Ended, _sent.Last());
    }

    private Task EmitAsync(string eventName, object message, CancellationToken cancellationToken)
    {
        Assert.Equal("send_video_status", eventName);
        _sent.Enqueue(JsonSerializer.Serialize(message));
        return Task.CompletedTask;
    }
}
