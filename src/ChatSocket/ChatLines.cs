using System.Text.Json;

using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Chat;
using LiveRobot.Platform.Control;
using LiveRobot.Platform.Identity;
using LiveRobot.Platform.Moderation;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Sockets;

using Microsoft.Extensions.Options;

using SocketIO;

namespace LiveRobot.ChatSocket;

/// <summary>What viewers say: from <c>chat_message</c> to <c>chat_message_with_name</c>. Who speaks is the server's word, never the browser's.</summary>
public sealed partial class ChatLines(
    RobotAccess access,
    ControlRulesStore control,
    ChatLog log,
    ChatRooms rooms,
    ChatSlots slots,
    ChatTurn turn,
    RobotLines robotLines,
    Moderators moderators,
    ChatRulesStore rules,
    LineRules lineRules,
    DelayedLines delayed,
    AnonymousNames names,
    IOptions<ChatOptions> options,
    ChatMetrics metrics,
    ILogger<ChatLines> logger)
{
    private const string StopWord = ".stop";
    private const string ReopenWord = ".reopen";

    /// <summary>Takes <c>{"message", "robot_id"?}</c>; other fields of existing viewers do not count.</summary>
    internal async ValueTask SayAsync(Socket socket, ChatClient client, SocketEvent received)
    {
        if (client.Visitor.IsSpectator)
        {
            metrics.Said(byRobot: false, Refusal.Spectator);
            client.Refuse(received, Refusal.Spectator);
            return;
        }

        var speaker = await robotLines.FindSpeakerAsync(client, received[0]);
        if (speaker.Refusal is { } refused)
        {
            metrics.Said(byRobot: true, refused.Code);
            socket.RefuseRobot(received, refused);
            return;
        }

        var (line, refusal) = speaker.Robot is { } robot
            ? await robotLines.SayAsync(robot, received[0], (await client.Visitor.CallerAsync()).Account)
            : await SayAsViewerAsync(socket, client, received[0]);
        metrics.Said(speaker.Robot is not null, refusal);
        if (line is null)
        {
            client.Refuse(received, refusal!);
            Log.Refused(logger, refusal!.Code);
            return;
        }

        received.Acknowledge(new { ok = true, _id = line.MessageId });
    }

    private async Task<(ChatMessage? Line, Refusal? Refusal)> SayAsViewerAsync(Socket socket, ChatClient client, JsonElement said)
    {
        await ObeyAsync(client, said);
        return client.Rate.TryTake() ? await turn.TakeAsync(() => TrySayAsync(socket, client, said)) : (null, Refusal.TooFast);
    }

    /// <summary>
    /// Whoever may stop the robot in an emergency does so with <c>.stop</c>, and its owner opens the control again with
    /// <c>.reopen</c>. No limit of lines counts here, and the line is said all the same.
    /// </summary>
    private async Task ObeyAsync(ChatClient client, JsonElement said)
    {
        if (LineWithWord(said) is not { } line || (await client.FindRobotAsync(access, said)).Robot is not { } robot)
        {
            return;
        }

        var caller = await client.Visitor.CallerAsync();
        switch (MessageText.Clean(line, robot.Name))
        {
            case StopWord when (await control.FindAsync(robot.Handle)).MayStop(robot, caller):
                await control.StopAsync(robot.Handle, caller.Account!.Name);
                break;
            case ReopenWord when caller.Owns(robot):
                await control.ReopenAsync(robot.Handle);
                break;
        }
    }

    /// <summary>Gives a line that may be a word to the server, as far as can be told before its robot is known; null: it is none.</summary>
    private static string? LineWithWord(JsonElement said)
    {
        if (MessageIn(said) is not { } message)
        {
            return null;
        }

        var line = message.Trim();
        return line.EndsWith(StopWord, StringComparison.Ordinal) || line.EndsWith(ReopenWord, StringComparison.Ordinal) ? line : null;
    }

    private static string? MessageIn(JsonElement said) =>
        said.ValueKind == JsonValueKind.Object && said.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String
            ? message.GetString()
            : null;

    private async Task<(ChatMessage? Line, Refusal? Refusal)> TrySayAsync(Socket socket, ChatClient client, JsonElement said)
    {
        if (MessageIn(said) is not { } message)
        {
            return (null, Refusal.NoText);
        }

        var found = await client.FindRobotAsync(access, said);
        if (found.Robot is not { } robot)
        {
            return (null, Refusal.Of(found.Refusal));
        }

        if (!slots.Admit(socket, robot))
        {
            return (null, Refusal.Elsewhere);
        }

        var text = MessageText.Clean(message, robot.Name);
        if (text.Length == 0)
        {
            return (null, Refusal.NoText);
        }

        if (text.Length > options.Value.MaxMessageLength)
        {
            return (null, Refusal.TooLong(options.Value.MaxMessageLength));
        }

        var caller = await client.Visitor.CallerAsync();
        var address = BanTarget.RangeOf(socket.Handshake.RemoteAddress);
        var name = caller.Account?.Name ?? await names.NameAsync(socket.Handshake);
        var author = caller.Account is { } account ? BanTarget.Of(account) : BanTarget.OfAnonymous(name, address);
        var (named, laidDown) = (await moderators.NamesAsync(robot), await rules.FindAsync(robot.Handle));
        var moderates = caller.Owns(robot) || (caller.Account is not null && named.Contains(name));
        if (!moderates && await lineRules.RefusesAsync(robot, laidDown, author, text) is { } refusal)
        {
            return (null, refusal);
        }

        // A message to the robot's program is not spoken, and who moderates need not wait for a moderator.
        var isHeardAtOnce = moderates || text.StartsWith('.') || (laidDown.SpeechDelaySeconds == 0 && !delayed.IsAnyFor(robot.Handle));
        if (!isHeardAtOnce && !delayed.HasRoom(robot.Handle))
        {
            return (null, Refusal.TooManyWaiting);
        }

        var line = new ChatMessage(log.NewMessageId(), robot.Handle, name, text, NameColors.ColorOf(name), Anonymous: caller.Account is null)
        {
            Address = caller.Account is null ? address : null,
        };
        await log.AppendAsync(line);
        if (isHeardAtOnce)
        {
            rooms.TellRobot(robot, EventMessage.Create("chat_message_with_name", line.ForRobot(robot)));
        }
        else
        {
            delayed.Add(line, client.Visitor, caller, TimeSpan.FromSeconds(laidDown.SpeechDelaySeconds));
        }

        await rooms.TellListenersAsync(robot, EventMessage.Create("chat_message_with_name", line.ForViewers(robot, named)));
        return (line, null);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "A chat message was refused: {Code}.", EventName = "Refused")]
        public static partial void Refused(ILogger logger, string code);
    }
}
