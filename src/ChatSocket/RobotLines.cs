using System.Text.Json;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Chat;
using LiveRobot.Platform.Hosting;
using LiveRobot.Platform.Identity;
using LiveRobot.Platform.Robots;

using SocketIO;

namespace LiveRobot.ChatSocket;

/// <summary>
/// What robots say themselves: on the socket that is the robot, from its control socket over the bus, or by a program that
/// shows the robot's private id (the messenger of existing robots). The robot does not hear itself: it would speak it.
/// </summary>
public sealed partial class RobotLines(
    RobotAccess access, RobotDirectory robots, RobotSpeech speech, ChatLog log, ChatRooms rooms, ChatSlots slots, ChatTurn turn, IBus bus, ChatMetrics metrics, ILogger<RobotLines> logger) : IDisposable
{
    private IDisposable? _subscription;

    /// <summary>Takes what is said elsewhere, from now on.</summary>
    public void Serve() => _subscription = bus.Subscribe<RobotSpoke>(spoke => _ = SayAsync(spoke));

    public void Dispose() => _subscription?.Dispose();

    /// <summary>Finds the robot that says this itself; unknown when it is somebody's word to a robot.</summary>
    internal async Task<RobotIdentity> FindSpeakerAsync(ChatClient client, JsonElement said)
    {
        var name = ChatClient.NameIn(said);
        if (client.RobotHandle is { } handle && (name is null || name == handle || name == client.RobotId))
        {
            return await robots.FindByHandleAsync(handle) is { } robot ? new RobotIdentity(robot, null) : RobotIdentity.Unknown;
        }

        return name is null ? RobotIdentity.Unknown : await access.IdentifyAsync(name, client.Visitor);
    }

    /// <summary>Says something in a robot's name.</summary>
    /// <param name="account">In whose name instead: that of a program which has signed in.</param>
    internal async Task<(ChatMessage? Line, Refusal? Refusal)> SayAsync(Robot robot, JsonElement said, Account? account) =>
        speech.Refuse(robot, said, out var text) is { } refusal
            ? (null, new Refusal(refusal.Code, refusal.Error))
            : (await turn.TakeAsync(() => PublishAsync(robot, account?.Name ?? robot.Name, text)), null);

    /// <summary>If the robot's chat is served here, says it and answers.</summary>
    private async Task SayAsync(RobotSpoke spoke)
    {
        try
        {
            if (await turn.TakeAsync(() => PublishIfServedAsync(spoke)) is { } line)
            {
                metrics.Said(byRobot: true, refusal: null);
                bus.Publish(new RobotHeard(spoke.Id, line.MessageId));
            }
        }
#pragma warning disable CA1031 // Nobody waits for this.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (!Outage.Is(exception))
            {
                Log.NotSaid(logger, exception, spoke.Handle);
            }

            bus.Publish(new RobotHeard(spoke.Id, null));
        }
    }

    private async Task<ChatMessage?> PublishIfServedAsync(RobotSpoke spoke) =>
        await robots.FindByHandleAsync(spoke.Handle) is { } robot && slots.IsServed(robot) ? await PublishAsync(robot, robot.Name, spoke.Text) : null;

    /// <summary>To be called in turn.</summary>
    private async Task<ChatMessage> PublishAsync(Robot robot, string name, string text)
    {
        var line = new ChatMessage(log.NewMessageId(), robot.Handle, name, text, NameColors.ColorOf(name), Anonymous: false) { IsByRobot = true };
        await log.AppendAsync(line);
        await rooms.TellListenersAsync(robot, EventMessage.Create("chat_message_with_name", line.ForViewers(robot, moderators: [])));
        return line;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "What robot {Handle} said could not be stored.", EventName = "NotSaid")]
        public static partial void NotSaid(ILogger logger, Exception exception, string handle);
    }
}
