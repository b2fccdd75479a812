using System.Collections.Concurrent;

using LiveRobot.ControlSocket.Commands;
using LiveRobot.Platform.Presence;

using Microsoft.Extensions.Options;

using SocketIO;

namespace LiveRobot.ControlSocket.Latency;

/// <summary>
/// Measures the round trips of robots and viewers every <see cref="ControlOptions.LatencyInterval"/>, tells them to the
/// viewers who want to know, and reports them to presence for the API.
/// </summary>
/// <remarks>
/// What is measured is <see cref="Socket.ProbeAsync"/>: a ping of the WebSocket and its pong (RFC 6455 section 5.5.2),
/// which every client answers from the loop that reads, those of Engine.IO 3 too. Theirs is the client's own ping, which
/// tells a server nothing.
/// </remarks>
internal sealed partial class LatencyBoard(
    RobotPresence presence, IOptions<ControlOptions> options, ControlMetrics metrics, TimeProvider clock, ILogger<LatencyBoard> logger) : BackgroundService
{
    private readonly ConcurrentDictionary<Socket, Measured> _robots = [];
    private readonly ConcurrentDictionary<Socket, Measured> _viewers = [];

    // Each viewer is told the round trip of its robot: that is asked far more often than robots come.
    private readonly ConcurrentDictionary<string, Measured> _newestOf = new(StringComparer.Ordinal);

    private TimeSpan Interval => options.Value.LatencyInterval;

    /// <summary>A socket is a robot from here on, until it has ended or <see cref="RobotLeft"/>.</summary>
    public void RobotCame(Socket socket, string handle) => _newestOf[handle] = Measure(_robots, socket, handle, isTold: false);

    /// <summary>A socket is a robot no longer.</summary>
    public void RobotLeft(Socket socket)
    {
        if (_robots.TryRemove(socket, out var left))
        {
            Forget(left);
        }
    }

    /// <summary>A viewer has chosen a robot; it is measured until its socket has ended.</summary>
    /// <param name="isTold">Whether it wants to know.</param>
    public void ViewerCame(Socket socket, string handle, bool isTold) => Measure(_viewers, socket, handle, isTold);

    /// <summary>Reports what was measured, robot by robot.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var viewers = _viewers.Values.ToLookup(viewer => viewer.Handle, viewer => viewer.RoundTrip.Value);
            foreach (var handle in _newestOf.Keys.Union(viewers.Select(ofRobot => ofRobot.Key)))
            {
                await ReportAsync(handle, RobotLatency.Of(OfRobot(handle), viewers[handle]));
            }
        }
    }

    private TimeSpan? OfRobot(string handle) => _newestOf.GetValueOrDefault(handle)?.RoundTrip.Value;

    private void Forget(Measured robot) => _newestOf.TryRemove(new KeyValuePair<string, Measured>(robot.Handle, robot));

    private Measured Measure(ConcurrentDictionary<Socket, Measured> board, Socket socket, string handle, bool isTold)
    {
        var measured = new Measured(new RoundTrip(socket.ProbeAsync, clock));
        var known = board.GetOrAdd(socket, measured);
        (known.Handle, known.IsTold) = (handle, isTold);
        if (known == measured)
        {
            _ = MeasureAsync(board, socket, measured);
        }

        return known;
    }

    private async Task MeasureAsync(ConcurrentDictionary<Socket, Measured> board, Socket socket, Measured measured)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        var kind = board == _robots ? "robot" : "viewer";
        try
        {
            do
            {
                if (await measured.RoundTrip.MeasureAsync() is not { } roundTrip)
                {
                    return;
                }

                metrics.Measured(kind, roundTrip);
                if (measured.IsTold)
                {
                    socket.EmitVolatile(CommandMessages.Latency(measured.Handle, roundTrip, OfRobot(measured.Handle), clock.GetUtcNow()));
                }
            }
            while (await timer.WaitForNextTickAsync() && board.TryGetValue(socket, out var known) && known == measured);
        }
        finally
        {
            board.TryRemove(new KeyValuePair<Socket, Measured>(socket, measured));
            Forget(measured);
        }
    }

    private async Task ReportAsync(string handle, RobotLatency latency)
    {
        try
        {
            await presence.LatencyAsync(handle, latency, timeToLive: Interval * 3);
        }
#pragma warning disable CA1031 // Whatever the store throws, the next report tries again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.NotReported(logger, exception, handle);
        }
    }

    /// <summary>A socket whose round trip is measured.</summary>
    private sealed class Measured(RoundTrip roundTrip)
    {
        public RoundTrip RoundTrip => roundTrip;

        /// <summary>Gets or sets the robot that it is, or looks at.</summary>
        public string Handle { get; set; } = "";

        public bool IsTold { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The latency of robot {Handle} could not be reported.", EventName = "NotReported")]
        public static partial void NotReported(ILogger logger, Exception exception, string handle);
    }
}
