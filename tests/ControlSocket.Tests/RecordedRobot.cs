using LiveRobot.ControlSocket.Commands;
using LiveRobot.ControlSocket.Robots;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>A robot's end of a connection: keeps what it is sent, and answers probes while it reads.</summary>
internal sealed class RecordedRobot(TimeProvider clock) : IRobotLink
{
    private readonly List<TaskCompletionSource<bool>> _probes = [];
    private readonly long _origin = clock.GetTimestamp();
    private bool _reads = true;

    public bool NeedsStartGuard { get; init; }

    /// <summary>Gets everything sent, with the time since this robot was made.</summary>
    public List<(TimeSpan At, RobotCommand Command, bool Acknowledge)> Sent { get; } = [];

    /// <summary>Gets everything sent as <c>command:key_position</c>.</summary>
    public string Heard => string.Join(' ', Sent.Select(sent => $"{sent.Command.Command}:{sent.Command.Position.ToWire()}"));

    public int Probes { get; private set; }

    public void Send(RobotCommand command, bool acknowledge) => Sent.Add((clock.GetElapsedTime(_origin), command, acknowledge));

    public Task<bool> ProbeAsync()
    {
        Probes++;
        if (_reads)
        {
            return Task.FromResult(true);
        }

        var probe = new TaskCompletionSource<bool>();
        _probes.Add(probe);
        return probe.Task;
    }

    /// <summary>As SIGSTOP does: what is sent lies in a buffer.</summary>
    public void Suspend() => _reads = false;

    /// <summary>As SIGCONT does.</summary>
    public void Resume()
    {
        _reads = true;
        Answer(true);
    }

    /// <summary>The robot reads what it was sent before the oldest open probe, and no further.</summary>
    public void AnswerOldestProbe()
    {
        var probe = _probes[0];
        _probes.RemoveAt(0);
        probe.SetResult(true);
    }

    /// <summary>The connection ends: open probes are never answered.</summary>
    public void End() => Answer(false);

    private void Answer(bool reads)
    {
        foreach (var probe in _probes.ToArray())
        {
            _probes.Remove(probe);
            probe.SetResult(reads);
        }
    }
}
