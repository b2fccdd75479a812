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

    public ControlMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("LiveRobot.Control");
        _commands = meter.CreateCounter<long>("liverobot.control.commands", "{command}", "Commands of viewers, by outcome.");
        _sent = meter.CreateCounter<long>("liverobot.control.sent", "{command}", "Commands written to robots, by kind.");
        _acknowledgements = meter.CreateHistogram<double>("liverobot.control.acknowledgement.duration", "s", "From writing a command to the robot's acknowledgement.");
        _notAcknowledged = meter.CreateCounter<long>("liverobot.control.acknowledgement.missing", "{command}", "Commands that a robot did not acknowledge in time.");
        _notLogged = meter.CreateCounter<long>("liverobot.control.log.dropped", "{line}", "Lines of the command log that were dropped because the store was slower.");
    }

    /// <summary>A line of the command log found no room.</summary>
    public void NotLogged() => _notLogged.Add(1);

    /// <summary>A viewer's command was accepted (null) or refused.</summary>
    public void Commanded(Refusal? refusal) => _commands.Add(1, new KeyValuePair<string, object?>("outcome", refusal?.Code ?? "accepted"));

    public void Sent(RobotCommand command) =>
        _sent.Add(1, new KeyValuePair<string, object?>("kind", command.IsStop ? "stop" : command.Position == KeyPosition.Up ? "up" : "movement"));

    public void Acknowledged(TimeSpan after) => _acknowledgements.Record(after.TotalSeconds);

    public void NotAcknowledged() => _notAcknowledged.Add(1);
}
