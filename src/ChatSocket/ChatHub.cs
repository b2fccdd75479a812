using System.Text.Json;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Control;
using LiveRobot.Platform.Identity;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Sockets;

using Microsoft.Extensions.Options;

using SocketIO;

namespace LiveRobot.ChatSocket;

/// <summary>
/// Chat: viewers say <c>chat_message</c> to the robot they have selected; the robot and its viewers get
/// <c>chat_message_with_name</c>. Who speaks is the server's word, never the browser's.
/// </summary>
public sealed partial class ChatHub(
    RobotAccess access,
    Visitors visitors,
    BanDirectory bans,
    Callers callers,
    RobotSockets robotSockets,
    EventRefusals refusals,
    UserSocket userSocket,
    ControlRulesStore rules,
    ChatLog log,
    ChatRooms rooms,
    AnonymousNames names,
    IOptions<ChatOptions> options,
    TimeProvider clock,
    ILogger<ChatHub> logger) : IDisposable
{
    private const string ServiceName = "chat";
    private const string StopWord = ".stop";
    private const string ReopenWord = ".reopen";

    /// <summary>Keeps the order of lines the same in the store and for all who hear them.</summary>
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Registers the handlers on a server.</summary>
    public void Attach(SocketIOServer server)
    {
        server.Root.RefuseBanned(bans, callers);
        server.Root.OnConnection(Connected);
        userSocket.Serve(server);
    }

    public void Dispose() => _turn.Dispose();

    private void Connected(Socket socket)
    {
        Client? client = null;
        var visitor = visitors.Open(socket.Handshake.OpeningRequest(), () => ReviewAsync(socket, client!));
        client = new Client(visitor, refusals.Watch(socket, "chat"), new MessageRate(options.Value.Burst, options.Value.MessageInterval, clock));
        socket.OnDisconnect(_ =>
        {
            visitor.Dispose();
            rooms.Leave(socket);
            Resign(socket, client);
        });
        rooms.Enter(socket, visitor);
        socket.On("identify_robot_id", received => IdentifyAsync(socket, client, received));
        socket.On("robot_id", received => IdentifyAsync(socket, client, received));
        socket.On("select_robot", received => SelectAsync(socket, client, received));
        socket.On("chat_message", received => SayAsync(socket, client, received));
        if (rooms.IsOnUserPort(socket))
        {
            userSocket.Connected(socket);
        }
    }

    /// <summary>A robot says its private id; by a handle the socket becomes a viewer's.</summary>
    private async ValueTask IdentifyAsync(Socket socket, Client client, SocketEvent received)
    {
        var name = received[0].ValueKind == JsonValueKind.String ? received[0].GetString()! : "";
        var identity = await access.IdentifyAsync(name, client.Visitor);
        if (identity.Refusal is { } refusal)
        {
            socket.RefuseRobot(received, refusal);
            return;
        }

        if (identity.Robot is not { } robot)
        {
            await SelectAsync(socket, client, received);
            return;
        }

        if (client.Robot == robot.Handle)
        {
            received.Acknowledge(new { ok = true });
            return;
        }

        Resign(socket, client);
        (client.Robot, client.RobotId) = (robot.Handle, robot.RobotId);
        socket.Join(ChatRooms.OfRobot(robot.Handle));
        Log.RobotConnected(logger, robot.Handle);
        await robotSockets.TakeAsync(ServiceName, robot.Handle, socket, () => Resign(socket, client));
        if (!socket.IsConnected)
        {
            Resign(socket, client);
        }

        received.Acknowledge(new { ok = true });
    }

    /// <summary>The socket is no robot any more: it has ended, is another, or a newer one is the robot.</summary>
    private void Resign(Socket socket, Client client)
    {
        if (Interlocked.Exchange(ref client.Robot, null) is { } former)
        {
            client.RobotId = null;
            socket.Leave(ChatRooms.OfRobot(former));
            robotSockets.Leave(ServiceName, former, socket);
        }
    }

    /// <summary>Takes <c>{"robot_id": handle}</c> or the bare handle; answers with <c>chat_history</c>.</summary>
    private async ValueTask SelectAsync(Socket socket, Client client, SocketEvent received)
    {
        var found = await FindSelectedAsync(client.Visitor, received[0], null);
        if (found.Robot is not { } robot)
        {
            var refusal = Refusal.Of(found.Refusal);
            client.Refusals.Refuse(received, refusal.Code, refusal.Error);
            return;
        }

        // In turn, so that no line is missing between the history and what is heard from now on, and none comes twice.
        await _turn.WaitAsync();
        try
        {
            var history = await log.LastAsync(robot.Handle);
            socket.Emit(EventMessage.Create("chat_history", history.Select(message => message.ForViewers(robot))));
            rooms.Choose(socket, client.Selected, robot);
            client.Selected = robot;
        }
        finally
        {
            _turn.Release();
        }

        received.Acknowledge(new { ok = true });
    }

    /// <summary>The robot-id may have been replaced or restricted, the right to watch withdrawn, or somebody banned: then the socket is cut off.</summary>
    private async Task ReviewAsync(Socket socket, Client client)
    {
        if (client.RobotId is { } robotId && !await access.IsStillAsync(robotId, client.Visitor))
        {
            socket.CutOff(null);
        }
        else if (client.Selected is { } selected && await access.FindForViewerAsync(selected.Handle, client.Visitor) is { Robot: null } found)
        {
            socket.CutOff(found.Refusal);
        }
        else if (client.Robot is null && await access.RefusesAsync(client.Visitor) is { } refusal)
        {
            socket.CutOff(refusal);
        }
    }

    /// <summary>Takes <c>{"message", "robot_id"?}</c>; other fields of existing viewers do not count.</summary>
    private async ValueTask SayAsync(Socket socket, Client client, SocketEvent received)
    {
        if (client.Visitor.IsSpectator)
        {
            client.Refusals.Refuse(received, Refusal.Spectator.Code, Refusal.Spectator.Error);
            return;
        }

        await ObeyAsync(client, received[0]);
        var outcome = await TrySayAsync(socket, client, received[0]);
        if (outcome is Refusal refusal)
        {
            client.Refusals.Refuse(received, refusal.Code, refusal.Error);
            Log.Refused(logger, refusal.Code);
            return;
        }

        received.Acknowledge(outcome);
    }

    /// <summary>
    /// Whoever may stop the robot in an emergency does so with <c>.stop</c>, and its owner opens the control again with
    /// <c>.reopen</c>. No limit of lines counts here, and the line is said all the same.
    /// </summary>
    private async Task ObeyAsync(Client client, JsonElement said)
    {
        if (LineWithWord(said) is not { } line || (await FindSelectedAsync(client.Visitor, said, client.Selected?.Handle)).Robot is not { } robot)
        {
            return;
        }

        var caller = await client.Visitor.CallerAsync();
        switch (MessageText.Clean(line, robot.Name))
        {
            case StopWord when (await rules.FindAsync(robot.Handle)).MayStop(robot, caller):
                await rules.StopAsync(robot.Handle, caller.Account!.Name);
                break;
            case ReopenWord when caller.Owns(robot):
                await rules.ReopenAsync(robot.Handle);
                break;
        }
    }

    /// <summary>Gives a line that may be a word to the server, as far as can be told before its robot is known; null: it is none.</summary>
    private static string? LineWithWord(JsonElement said)
    {
        if (said.ValueKind != JsonValueKind.Object || !said.TryGetProperty("message", out var message) || message.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        var line = message.GetString()!.Trim();
        return line.EndsWith(StopWord, StringComparison.Ordinal) || line.EndsWith(ReopenWord, StringComparison.Ordinal) ? line : null;
    }

    private async Task<object> TrySayAsync(Socket socket, Client client, JsonElement said)
    {
        if (!client.Rate.TryTake())
        {
            return Refusal.TooFast;
        }

        if (said.ValueKind != JsonValueKind.Object
            || !said.TryGetProperty("message", out var message)
            || message.ValueKind != JsonValueKind.String)
        {
            return Refusal.NoText;
        }

        var found = await FindSelectedAsync(client.Visitor, said, client.Selected?.Handle);
        if (found.Robot is not { } robot)
        {
            return Refusal.Of(found.Refusal);
        }

        var text = MessageText.Clean(message.GetString()!, robot.Name);
        if (text.Length == 0)
        {
            return Refusal.NoText;
        }

        if (text.Length > options.Value.MaxMessageLength)
        {
            return Refusal.TooLong(options.Value.MaxMessageLength);
        }

        var account = (await client.Visitor.CallerAsync()).Account;
        var name = account?.Name ?? await names.NameAsync(socket.Handshake.RemoteAddress, socket.Handshake.UserAgent());
        var line = new ChatMessage(log.NewMessageId(), robot.Handle, name, text, NameColors.ColorOf(name), Anonymous: account is null)
        {
            Address = account is null ? BanTarget.RangeOf(socket.Handshake.RemoteAddress) : null,
        };
        await PublishAsync(socket.Namespace, robot, line);
        return new { ok = true, _id = line.MessageId };
    }

    private async Task PublishAsync(Namespace everyone, Robot robot, ChatMessage line)
    {
        await _turn.WaitAsync();
        try
        {
            await log.AppendAsync(line);
            everyone.To(ChatRooms.OfRobot(robot.Handle)).Emit(EventMessage.Create("chat_message_with_name", line.ForRobot(robot)));
            (await rooms.ListenersAsync(everyone, robot)).Emit(EventMessage.Create("chat_message_with_name", line.ForViewers(robot)));
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<RobotIdentity> FindSelectedAsync(Visitor visitor, JsonElement argument, string? selected)
    {
        var name = argument.ValueKind switch
        {
            JsonValueKind.String => argument.GetString(),
            JsonValueKind.Object when argument.TryGetProperty("robot_id", out var id) && id.ValueKind == JsonValueKind.String => id.GetString(),
            _ => null,
        };
        return (name ?? selected) is { } handle
            ? await access.FindForViewerAsync(handle, visitor)
            : RobotIdentity.Unknown;
    }

    private sealed class Client(Visitor visitor, SocketRefusals refusals, MessageRate rate)
    {
        public Visitor Visitor { get; } = visitor;

        public SocketRefusals Refusals { get; } = refusals;

        public MessageRate Rate { get; } = rate;

        /// <summary>The handle of the robot that this socket is.</summary>
        public string? Robot;

        /// <summary>Gets or sets the robot-id by which it is.</summary>
        public string? RobotId { get; set; }

        /// <summary>Gets or sets the robot that this viewer looks at, as it was when they chose it.</summary>
        public Robot? Selected { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Robot {Handle} has opened its chat socket.", EventName = "RobotConnected")]
        public static partial void RobotConnected(ILogger logger, string handle);

        [LoggerMessage(2, LogLevel.Debug, "A chat message was refused: {Code}.", EventName = "Refused")]
        public static partial void Refused(ILogger logger, string code);
    }
}
