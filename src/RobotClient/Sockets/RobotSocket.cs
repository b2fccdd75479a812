using System.Text.Json;

using LiveRobot.RobotClient.Configuration;

using Microsoft.Extensions.Logging;

namespace LiveRobot.RobotClient.Sockets;

/// <summary>
/// One of the robot's three sockets, kept connected: each attempt begins with a look-up, each loss ends in another
/// attempt, after 0.5 to 5 seconds.
/// </summary>
internal sealed partial class RobotSocket(
    string name,
    Func<CancellationToken, Task<Uri>> lookUp,
    RobotOptions options,
    TimeProvider time,
    ILogger<RobotSocket> logger)
{
    // A connection that lasted this long was a good one; before that, connecting again at once would be hammering.
    private static readonly TimeSpan GoodConnection = TimeSpan.FromSeconds(10);

    // Whoever has taken over is not to be thrown out at once: two that are one robot would take turns for ever.
    private static readonly TimeSpan TakenOverPause = TimeSpan.FromMinutes(1);

    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(5), time);
    private readonly List<(string Event, Action<JsonElement> Handler)> _handlers = [];
    private volatile SocketSession? _session;
    private volatile bool _isTakenOver;
    private string? _lastFailure;

    /// <summary>Runs on every connection, before anything else is sent: the robot says who it is.</summary>
    public required Func<CancellationToken, Task> Identify { get; init; }

    /// <summary>Runs whenever a connection that was up is lost; not when it is cancelled.</summary>
    public Action Lost { get; init; } = () => { };

    /// <summary>Sets the handler of an event, before <see cref="RunAsync"/>. It gets the event's first argument and must return at once.</summary>
    public void On(string eventName, Action<JsonElement> handler) => _handlers.Add((eventName, handler));

    /// <summary>Sends an event; does nothing when the socket is not connected now.</summary>
    public async Task EmitAsync(string eventName, object argument, CancellationToken cancellationToken)
    {
        if (_session is { } session)
        {
            await session.EmitAsync(eventName, argument, cancellationToken);
        }
    }

    /// <summary>Keeps the socket connected until cancelled, then disconnects.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await ConnectOnceAsync(cancellationToken);
                await (_isTakenOver ? Task.Delay(TakenOverPause, time, cancellationToken) : _backoff.WaitAsync(cancellationToken));
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task ConnectOnceAsync(CancellationToken cancellationToken)
    {
        _isTakenOver = false;
        try
        {
            var address = await lookUp(cancellationToken);
            await using var session = new SocketSession(address, options);
            foreach (var (eventName, handler) in _handlers)
            {
                session.On(eventName, handler, exception => Log.HandlerFailed(logger, name, eventName, exception));
            }

            session.On("robot_taken_over", _ => TakenOver(), _ => { });
            session.On("robot_refused", refusal => Log.Refused(logger, name, refusal.GetProperty("error").GetString()!), _ => { });
            await session.ConnectAsync(cancellationToken);
            await StayAsync(session, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it was, a robot tries again. The same failure is told once.
            if (exception.Message != _lastFailure)
            {
                _lastFailure = exception.Message;
                Log.ConnectFailed(logger, name, exception.Message);
            }
        }
    }

    private void TakenOver()
    {
        _isTakenOver = true;
        Log.TakenOver(logger, name, TakenOverPause.TotalSeconds);
    }

    private async Task StayAsync(SocketSession session, CancellationToken cancellationToken)
    {
        var since = time.GetTimestamp();
        _session = session;
        try
        {
            await Identify(cancellationToken);
            Log.Connected(logger, name);
            _lastFailure = null;

            var reason = await session.Ended.WaitAsync(cancellationToken);
            Log.ConnectionLost(logger, name, reason);
        }
        finally
        {
            _session = null;
            if (!cancellationToken.IsCancellationRequested)
            {
                Lost();
            }

            if (time.GetElapsedTime(since) >= GoodConnection)
            {
                _backoff.Reset();
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The {Socket} socket is connected.", EventName = "Connected")]
        public static partial void Connected(ILogger logger, string socket);

        [LoggerMessage(2, LogLevel.Warning, "The {Socket} socket is lost: {Reason}", EventName = "ConnectionLost")]
        public static partial void ConnectionLost(ILogger logger, string socket, string reason);

        [LoggerMessage(3, LogLevel.Warning, "The {Socket} socket cannot be connected ({Reason}); trying again.", EventName = "ConnectFailed")]
        public static partial void ConnectFailed(ILogger logger, string socket, string reason);

        [LoggerMessage(5, LogLevel.Warning, "Another connection has taken over as this robot on the {Socket} socket; trying again in {Seconds} s.", EventName = "TakenOver")]
        public static partial void TakenOver(ILogger logger, string socket, double seconds);

        [LoggerMessage(6, LogLevel.Warning, "The {Socket} socket does not accept this robot: {Reason}", EventName = "Refused")]
        public static partial void Refused(ILogger logger, string socket, string reason);

        [LoggerMessage(4, LogLevel.Error, "Handling {Event} of the {Socket} socket failed.", EventName = "HandlerFailed")]
        public static partial void HandlerFailed(ILogger logger, string socket, string @event, Exception exception);
    }
}
