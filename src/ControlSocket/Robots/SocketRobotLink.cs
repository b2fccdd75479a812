using System.Diagnostics;

using LiveRobot.ControlSocket.Commands;

using SocketIO;

namespace LiveRobot.ControlSocket.Robots;

/// <summary>The way to a robot over its socket.</summary>
/// <param name="socket">The socket.</param>
/// <param name="robotId">The private id that it has identified with.</param>
internal sealed class SocketRobotLink(Socket socket, string robotId, ControlOptions options, ControlMetrics metrics, TimeProvider clock) : IRobotLink
{
    /// <summary>Gets the private id that the robot has identified with.</summary>
    public string RobotId => robotId;

    public bool NeedsStartGuard => socket.Handshake.EngineIOVersion == 3;

    public void Send(RobotCommand command, bool acknowledge)
    {
        if (socket.BufferedBytes > options.MaxUnreadBytes)
        {
            // It reads nothing. When it comes back it is sent a stop first, which says all that it has missed.
            // Not from here: a robot's lock is held.
            ThreadPool.UnsafeQueueUserWorkItem(static socket => socket.Disconnect(), socket, preferLocal: false);
            return;
        }

        metrics.Sent(command);
        var trace = ControlTrace.Send(command);
        var message = CommandMessages.ToRobot(robotId, command);
        if (acknowledge)
        {
            _ = AwaitAcknowledgementAsync(socket.EmitWithAckAsync(message, options.AcknowledgeTimeout), trace);
        }
        else
        {
            socket.Emit(message);
            trace?.Dispose();
        }
    }

    public Task<bool> ProbeAsync() => socket.ProbeAsync();

    private async Task AwaitAcknowledgementAsync(Task<ReadOnlyMemory<byte>> acknowledgement, Activity? trace)
    {
        var sentAt = clock.GetTimestamp();
        using var ended = trace;
        try
        {
            await acknowledgement;
            metrics.Acknowledged(clock.GetElapsedTime(sentAt));
        }
        catch (TimeoutException)
        {
            metrics.NotAcknowledged();
        }
        catch (InvalidOperationException)
        {
            // The socket has ended; its owner is told by other means.
        }
    }
}
