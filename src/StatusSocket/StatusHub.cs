using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Control;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Sockets;

using SocketIO;

namespace LiveRobot.StatusSocket;

/// <summary>
/// The socket that existing robots expect at port 8022 and call the app server: they say who they are and whether they
/// stream, and are told of changed settings. Viewers get <c>robot_statuses</c>.
/// </summary>
public sealed partial class StatusHub(
    RobotDirectory robots,
    RobotAccess access,
    Visitors visitors,
    BanDirectory bans,
    Callers callers,
    RobotSockets robotSockets,
    EventRefusals refusals,
    UserSocket userSocket,
    RobotPresence presence,
    RobotConnections connections,
    RobotReports reports,
    ControlRulesStore rules,
    IBus bus,
    ILogger<StatusHub> logger) : IDisposable
{
    private const string ServiceName = "status";

    /// <summary>Sockets that spoke for a camera of this robot before anyone was known to be it.</summary>
    private readonly ConcurrentDictionary<Client, string> _claims = new();

    /// <summary>Exclusive control as the robots were told last, by handle.</summary>
    private readonly Dictionary<string, ExclusiveControl> _exclusive = new(StringComparer.Ordinal);

    private readonly SemaphoreSlim _exclusiveTurn = new(1);

    /// <summary>The room of all who are told the states of robots.</summary>
    public const string Watchers = "watchers";

    /// <summary>The room of those who have chosen a robot: they are told its news, and its state when it is not public.</summary>
    public static string WatchersOf(string handle) => $"watchers:{handle}";

    /// <summary>Registers the handlers on a server.</summary>
    public void Attach(SocketIOServer server)
    {
        server.Root.RefuseBanned(bans, callers);
        server.Root.OnConnection(Connected);
        userSocket.OnConnection(UserConnected);
        bus.Subscribe<RobotSettingsChanged>(changed => TellSettingsChanged(server, changed.Handle));
        bus.Subscribe<RobotStateChanged>(changed => Watch(BelieveAllAsync(changed.Handle)));
        bus.Subscribe<ControlRulesChanged>(changed => Watch(TellExclusiveControlAsync(server, changed.Handle)));
        bus.Subscribe<ReverseSshSwitched>(switched => SwitchReverseSsh(server, switched));
        bus.Subscribe<VideoSwitched>(switched => Watch(SwitchVideoAsync(server, switched)));
    }

    public void Dispose() => _exclusiveTurn.Dispose();

    private static string RoomOf(string handle) => $"robot:{handle}";

    /// <summary>Tells a robot, and those who have chosen it, to fetch its settings again.</summary>
    private void TellSettingsChanged(SocketIOServer server, string handle)
    {
        // Existing robots ignore the argument. Their own id is not repeated here.
        server.Root.To(RoomOf(handle)).Emit(EventMessage.Create("robot_settings_changed", new { }));
        var news = EventMessage.Create("robot_settings_changed", new { robot_id = handle });
        server.Root.To(WatchersOf(handle)).Except(RoomOf(handle)).Emit(news);
        userSocket.Emit(WatchersOf(handle), news);
    }

    /// <summary>Tells a robot <c>exclusive_control</c>, when that has begun, passed on or ended since it was told last.</summary>
    private async Task TellExclusiveControlAsync(SocketIOServer server, string handle)
    {
        // In turn: what was read first must not be told last.
        await _exclusiveTurn.WaitAsync();
        try
        {
            var exclusive = (await rules.FindAsync(handle)).Exclusive;
            if (exclusive == _exclusive.GetValueOrDefault(handle) || await robots.FindByHandleAsync(handle) is not { } robot)
            {
                return;
            }

            if (exclusive is null)
            {
                _exclusive.Remove(handle);
            }
            else
            {
                _exclusive[handle] = exclusive;
            }

            server.Root.To(RoomOf(handle)).Emit(ExclusiveControlMessage(robot, exclusive is not null));
        }
        finally
        {
            _exclusiveTurn.Release();
        }
    }

    /// <summary>Existing robots stop and start ffmpeg at <c>VIDOFF</c> and <c>VIDON</c>.</summary>
    private async Task SwitchVideoAsync(SocketIOServer server, VideoSwitched switched)
    {
        if (await robots.FindByHandleAsync(switched.Handle) is { } robot)
        {
            server.Root.To(RoomOf(switched.Handle))
                .Emit(EventMessage.Create("command_to_robot", new { robot_id = robot.RobotId, command = switched.IsOn ? "VIDON" : "VIDOFF" }));
        }
    }

    /// <summary>Only a robot that has said that it accepts it hears of it.</summary>
    private static void SwitchReverseSsh(SocketIOServer server, ReverseSshSwitched switched) =>
        server.Root.To(RobotReports.ReverseSshRoomOf(switched.Handle)).Emit(switched.IsOn
            ? EventMessage.Create("reverse_ssh_8872381747239", new { })
            : EventMessage.Create("end_reverse_ssh_8872381747239", new { }));

    private static EventMessage ExclusiveControlMessage(Robot robot, bool isOn) =>
        EventMessage.Create("exclusive_control", new { robot_id = robot.RobotId, status = isOn ? "start" : "end" });

    private void Connected(Socket socket)
    {
        var visitor = visitors.Open(socket.Handshake.OpeningRequest());
        var client = new Client(visitor, refusals.Watch(socket, "status"));
        visitor.OnReview(() => ReviewAsync(socket, client));
        socket.On("identify_robot_id", received => IdentifyAsync(socket, client, received));
        socket.On("robot_id", received => IdentifyAsync(socket, client, received));
        socket.On("send_video_status", received => VideoStatusAsync(client, received));
        reports.Attach(socket, client.Refusals, () => client.Handle);
        socket.On("select_robot", received => SelectAsync(socket, client, received));
        socket.OnDisconnect(_ => Disconnected(socket, client));

        // Robots of the LetsRobot era speak Engine.IO 3 and have no use for the states of others.
        if (socket.Handshake.EngineIOVersion != 3 && !socket.IsBannedFromSite())
        {
            socket.Join(Watchers);
        }
    }

    /// <summary>A viewer's app, which has one socket for everything, is told the states of robots unasked.</summary>
    private void UserConnected(Socket socket)
    {
        var visitor = visitors.Open(socket.Handshake.OpeningRequest());
        var client = new Client(visitor, refusals.Of(socket, "status"));
        visitor.OnReview(() => ReviewAsync(socket, client));
        socket.On("select_robot", received => SelectAsync(socket, client, received));
        socket.OnDisconnect(_ => visitor.Dispose());
        if (!socket.IsBannedFromSite())
        {
            socket.Join(Watchers);
        }
    }

    /// <summary>Takes anything; with <c>{"robot_id": handle}</c> the robot's news are told as well, and its state when it is not public.</summary>
    private async ValueTask SelectAsync(Socket socket, Client client, SocketEvent received)
    {
        if (await access.RefusesAsync(client.Visitor) is { } banned)
        {
            client.Refusals.Refuse(received, banned.Code, banned.Error);
            return;
        }

        socket.Join(Watchers);
        if (received[0].ValueKind == JsonValueKind.Object
            && received[0].TryGetProperty("robot_id", out var handle)
            && handle.ValueKind == JsonValueKind.String)
        {
            var found = await access.FindForViewerAsync(handle.GetString()!, client.Visitor);
            if (found.Refusal is { } refusal)
            {
                client.Refusals.Refuse(received, refusal.Code, refusal.Error);
                return;
            }

            if (found.Robot is { } robot)
            {
                await WatchAsync(socket, client, robot);
            }
        }

        received.Acknowledge(new { ok = true });
    }

    /// <summary>The socket has chosen a robot that it may watch.</summary>
    private async Task WatchAsync(Socket socket, Client client, Robot robot)
    {
        if (client.Watched is { } former && former != robot.Handle)
        {
            socket.Leave(WatchersOf(former));
        }

        client.Watched = robot.Handle;
        socket.Join(WatchersOf(robot.Handle));
        if (robot.Visibility != Visibility.Public && await presence.FindAsync(robot) is { } state)
        {
            socket.Emit(RobotStatus.Message([RobotStatus.Of(robot, state)]));
        }
    }

    private async ValueTask IdentifyAsync(Socket socket, Client client, SocketEvent received)
    {
        // By its handle, a robot is only looked at; only the private robot-id makes a robot.
        var name = received[0].ValueKind == JsonValueKind.String ? received[0].GetString()! : "";
        var identity = await access.IdentifyAsync(name, client.Visitor);
        if (identity.Refusal is { } refusal)
        {
            socket.RefuseRobot(received, refusal);
            return;
        }

        if (identity.Robot is not { } robot)
        {
            client.Refusals.Refuse(received, "unknown_robot", "There is no robot with this id.");
            return;
        }

        if (client.Handle == robot.Handle)
        {
            received.Acknowledge(new { ok = true });
            return;
        }

        await ResignAsync(socket, client);
        socket.Leave(Watchers);
        socket.Join(RoomOf(robot.Handle));
        await connections.OpenedAsync(robot.Handle);
        (client.Handle, client.RobotId) = (robot.Handle, robot.RobotId);
        if (_claims.TryRemove(client, out var claimed) && claimed == robot.Handle)
        {
            await presence.VideoStatusAsync(robot.Handle, streams: true);
        }

        Log.RobotConnected(logger, robot.Handle);
        await robotSockets.TakeAsync(ServiceName, robot.Handle, socket, () => Watch(ResignAsync(socket, client)));
        if ((await rules.FindAsync(robot.Handle)).Exclusive is not null)
        {
            socket.Emit(ExclusiveControlMessage(robot, isOn: true));
        }

        // The socket may have ended while the robot was looked up; then nobody else will count it out.
        if (!socket.IsConnected)
        {
            Disconnected(socket, client);
        }

        // From here on the robot is told what happens to it, alone.
        received.Acknowledge(new { ok = true });
    }

    /// <summary>The socket is no robot any more: it has ended, is another, or a newer one is the robot.</summary>
    private async Task ResignAsync(Socket socket, Client client)
    {
        if (Interlocked.Exchange(ref client.Handle, null) is not { } former)
        {
            return;
        }

        client.RobotId = null;
        socket.Leave(RoomOf(former));
        socket.Leave(RobotReports.ReverseSshRoomOf(former));
        robotSockets.Leave(ServiceName, former, socket);
        await connections.AcceptsReverseSshAsync(former, accepts: false);
        await connections.ClosedAsync(former);
    }

    /// <summary>
    /// Takes <c>{"send_video_process_exists": bool, "camera_id": number or digits}</c>. It may come before the robot
    /// identifies itself. A camera-id is public, so from an unidentified socket only "true" counts ("false" would let a
    /// stranger end somebody's LIVE), and only while that robot is connected.
    /// </summary>
    private async ValueTask VideoStatusAsync(Client client, SocketEvent received)
    {
        var status = received[0];
        if (status.ValueKind != JsonValueKind.Object
            || !status.TryGetProperty("send_video_process_exists", out var exists)
            || exists.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            client.Refusals.Refuse(received, "bad_request", "The argument is not an object with the fields that this event needs.");
            return;
        }

        var streams = exists.ValueKind == JsonValueKind.True;
        if (client.Handle is { } handle)
        {
            await presence.VideoStatusAsync(handle, streams);
        }
        else if (streams && CameraId(status) is { } cameraId && await robots.FindCameraAsync(cameraId) is { } camera)
        {
            client.CameraOf = camera.Handle;
            await BelieveAsync(client);
        }

        received.Acknowledge(new { ok = true });
    }

    /// <summary>Takes what a socket said before it identified itself, once the robot is there, on this or another socket.</summary>
    private async Task BelieveAsync(Client client)
    {
        if (client.CameraOf is not { } handle || await robots.FindByHandleAsync(handle) is not { } robot)
        {
            return;
        }

        if (await presence.FindAsync(robot) is { Online: true })
        {
            _claims.TryRemove(client, out _);
            await presence.VideoStatusAsync(handle, streams: true);
        }
        else
        {
            _claims[client] = handle;
            if (client.CameraOf is null)
            {
                // It disconnected meanwhile, and nobody else will take this back.
                _claims.TryRemove(client, out _);
            }
        }
    }

    private async Task BelieveAllAsync(string handle)
    {
        foreach (var (client, claimed) in _claims)
        {
            if (claimed == handle)
            {
                await BelieveAsync(client);
            }
        }
    }

    private static int? CameraId(JsonElement status)
    {
        if (!status.TryGetProperty("camera_id", out var id))
        {
            return null;
        }

        return id.ValueKind switch
        {
            JsonValueKind.Number when id.TryGetInt32(out var number) => number,
            JsonValueKind.String when int.TryParse(id.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
            _ => null,
        };
    }

    /// <summary>The robot-id may have been replaced or restricted, the right to watch withdrawn, or somebody banned: then the socket is cut off.</summary>
    private async Task ReviewAsync(Socket socket, Client client)
    {
        if (client.RobotId is { } robotId && !await access.IsStillAsync(robotId, client.Visitor))
        {
            socket.CutOff(null);
        }
        else if (client.Watched is { } handle && await access.FindForViewerAsync(handle, client.Visitor) is { Robot: null } found)
        {
            socket.CutOff(found.Refusal);
        }
        else if (await access.RefusesAsync(client.Visitor) is { } refusal)
        {
            // A robot goes on where its address is banned, but is told of no others.
            socket.Leave(Watchers);
            if (client.Handle is null)
            {
                socket.CutOff(refusal);
            }
        }
    }

    private void Disconnected(Socket socket, Client client)
    {
        client.Visitor.Dispose();
        _claims.TryRemove(client, out _);

        // A word given by camera-id alone lives as long as one given by the robot: until its socket has closed.
        var task = client.Handle is not null ? ResignAsync(socket, client)
            : Interlocked.Exchange(ref client.CameraOf, null) is { } camera ? presence.StatusSocketClosedAsync(camera)
            : Task.CompletedTask;
        Watch(task);
    }

    /// <summary>Logs the failure of work that nobody waits for.</summary>
    private void Watch(Task task) => task.ContinueWith(
        failed => Log.WorkFailed(logger, failed.Exception!),
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted,
        TaskScheduler.Default);

    private sealed class Client(Visitor visitor, SocketRefusals refusals)
    {
        public Visitor Visitor { get; } = visitor;

        public SocketRefusals Refusals { get; } = refusals;

        /// <summary>The robot-id by which this socket has identified itself.</summary>
        public string? RobotId;

        /// <summary>The handle of the robot that this viewer has chosen.</summary>
        public string? Watched;

        /// <summary>The handle of the robot that this socket has identified itself as.</summary>
        public string? Handle;

        /// <summary>The handle of the robot for whose camera this socket spoke without identifying itself.</summary>
        public string? CameraOf;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Robot {Handle} has opened its status socket.", EventName = "RobotConnected")]
        public static partial void RobotConnected(ILogger logger, string handle);

        [LoggerMessage(2, LogLevel.Error, "What a status socket said or left behind could not be stored.", EventName = "WorkFailed")]
        public static partial void WorkFailed(ILogger logger, Exception exception);
    }
}
