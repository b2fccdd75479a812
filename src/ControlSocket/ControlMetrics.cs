using System.Diagnostics.Metrics;

using LiveRobot.ControlSocket.Commands;

namespace LiveRobot.ControlSocket;

/// <summary>What is counted of control (meter <c>LiveRobot.Control</c>).</summary>
internal sealed class ControlMetrics
{
    private static readonly InstrumentAdvice<double> Buckets = new() { HistogramBucketBoundaries = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5] };

    private readonly Counter<long> _commands;
    private readonly Histogram<double> _durations;
    private readonly Counter<long> _sent;
    private readonly Histogram<double> _acknowledgements;
    private readonly Counter<long> _notAcknowledged;
    private readonly Counter<long> _notLogged;
    private readonly Histogram<double> _roundTrips;

    public ControlMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("LiveRobot.Control");
        _commands = meter.CreateCounter<long>("liverobot.control.commands", "{command}", "Commands of viewers, by outcome: accepted, or the code of the refusal.");
        _durations = meter.CreateHistogram("liverobot.control.command.duration", "s", "From a viewer's command to its answer, when it has been written to the robot, by outcome.", advice: Buckets);
        _sent = meter.CreateCounter<long>("liverobot.control.sent", "{command}", "Commands written to robots, by kind: movement, up, stop.");
        _acknowledgements = meter.CreateHistogram("liverobot.control.acknowledgement.duration", "s", "From writing a command to the robot's acknowledgement.", advice: Buckets);
        _notAcknowledged = meter.CreateCounter<long>("liverobot.control.acknowledgement.missing", "{command}", "Commands that a robot did not acknowledge in time.");
        _notLogged = meter.CreateCounter<long>("liverobot.control.log.dropped", "{line}", "Lines of the command log that were dropped because the store was slower.");
        _roundTrips = meter.CreateHistogram("liverobot.control.round_trip.duration", "s", "From a ping on a control socket to its pong, by kind of client: robot, viewer.", advice: Buckets);
    }

    /// <summary>The round trip of a socket was measured: a <c>robot</c>'s or a <c>viewer</c>'s.</summary>
    public void Measured(string kind, TimeSpan roundTrip) => _roundTrips.Record(roundTrip.TotalSeconds, new KeyValuePair<string, object?>("kind", kind));

    /// <summary>A line of the command log found no room.</summary>
    public void NotLogged() => _notLogged.Add(1);

    /// <summary>A viewer's command was accepted (null) or refused, so long after it came.</summary>
    public void Commanded(Refusal? refusal, TimeSpan after)
    {
        var outcome = new KeyValuePair<string, object?>("outcome", refusal?.Code ?? "accepted");
        _commands.Add(1, outcome);
        _durations.Record(after.TotalSeconds, outcome);
    }

    public void Sent(RobotCommand command) =>
        _sent.Add(1, new KeyValuePair<string, object?>("kind", command.IsStop ? "stop" : command.Position == KeyPosition.Up ? "up" : "movement"));

    public void Acknowledged(TimeSpan after) => _acknowledgements.Record(after.TotalSeconds);

    public void NotAcknowledged() => _notAcknowledged.Add(1);
}
