using System.Diagnostics.Metrics;

using LiveRobot.ControlSocket.Commands;

namespace LiveRobot.ControlSocket;

/// <summary>What is counted of control (meter <c>LiveRobot.Control</c>).</summary>
internal sealed class ControlMetrics
{
    private readonly Counter<long> _commands;
    private readonly Counter<long> _sent;
    private readonly Histogram<double> _acknowledgements;
    private readonly Counter<long> _notAcknowledged;
    private readonly Counter<long> _notLogged;
    private readonly Histogram<double> _roundTrips;

    public ControlMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("LiveRobot.Control");
        _commands = meter.CreateCounter<long>("liverobot.control.commands", "{command}", "Commands of viewers, by outcome.");
        _sent = meter.CreateCounter<long>("liverobot.control.sent", "{command}", "Commands written to robots, by kind.");
        _acknowledgements = meter.CreateHistogram<double>("liverobot.control.acknowledgement.duration", "s", "From writing a command to the robot's acknowledgement.");
        _notAcknowledged = meter.CreateCounter<long>("liverobot.control.acknowledgement.missing", "{command}", "Commands that a robot did not acknowledge in time.");
        _notLogged = meter.CreateCounter<long>("liverobot.control.log.dropped", "{line}", "Lines of the command log that were dropped because the store was slower.");
        _roundTrips = meter.CreateHistogram<double>(
            "liverobot.control.round_trip.duration",
            "s",
            "From a ping on a control socket to its pong, by kind of client.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5] });
    }

    /// <summary>The round trip of a socket was measured: a <c>robot</c>'s or a <c>viewer</c>'s.</summary>
    public void Measured(string kind, TimeSpan roundTrip) => _roundTrips.Record(roundTrip.TotalSeconds, new KeyValuePair<string, object?>("kind", kind));

    /// <summary>A line of the command log found no room.</summary>
    public void NotLogged() => _notLogged.Add(1);

    /// <summary>A viewer's command was accepted (null) or refused.</summary>
    public void Commanded(Refusal? refusal) => _commands.Add(1, new KeyValuePair<string, object?>("outcome", refusal?.Code ?? "accepted"));

    public void Sent(RobotCommand command) =>
        _sent.Add(1, new KeyValuePair<string, object?>("kind", command.IsStop ? "stop" : command.Position == KeyPosition.Up ? "up" : "movement"));

    public void Acknowledged(TimeSpan after) => _acknowledgements.Record(after.TotalSeconds);

    public void NotAcknowledged() => _notAcknowledged.Add(1);
}
