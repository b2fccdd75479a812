using System.Net;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Control;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>Two nodes of the service on one Redis and one store: a robot and its viewers meet at the one that has the robot's slot.</summary>
public sealed class SlotTests : IAsyncLifetime
{
    private readonly TestStore _store = new(TestStore.Usual);
    private readonly HttpClient _http = new();
    private readonly List<ControlServer> _nodes = [];
    private RedisServer _redis = null!;
    private ControlServer _one = null!;
    private ControlServer _two = null!;
    private Robot _robot = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();

        // It has been in use for long.
        await _redis.AskAsync("SET", "liverobot:cluster", "1");
        _one = await StartAsync("one");
        await ServesAsync(_one, HttpStatusCode.OK);
        _two = await StartAsync("two");
        _robot = await _one.AddRobotAsync();
        await Eventually.TrueAsync(async () => (await _redis.AskAsync("SMEMBERS", "liverobot:nodes")).Contains("two", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        await _redis.DisposeAsync();
        _http.Dispose();
        _store.Dispose();
    }

    [Fact]
    public async Task Whoever_arrives_at_the_other_node_is_closed_and_told_nothing()
    {
        await using var robot = await SocketIOPeer.ConnectAsync(_two.Address);
        await robot.EmitAsync("robot_id", _robot.RobotId);
        await using var viewer = await SocketIOPeer.ConnectAsync(_two.Address);
        await viewer.EmitAsync("select_robot", new { robot_id = _robot.Handle });
        await using var watcher = await SocketIOPeer.ConnectAsync(_two.Address);
        await watcher.EmitAsync("robot_id", _robot.Handle);

        await Eventually.TrueAsync(() => !robot.IsConnected && !viewer.IsConnected && !watcher.IsConnected);
        Assert.Empty(robot.Received);
        Assert.Empty(_two.Sockets);

        // Who chooses no robot may be anywhere.
        await using var nobody = await SocketIOPeer.ConnectAsync(_two.Address);
        Assert.Equal("unknown_robot", (await nobody.AskAsync("select_robot", new { robot_id = "nobody" })).GetProperty("code").GetString());
    }

    [Fact]
    public async Task The_path_of_a_slot_is_served_by_the_node_that_has_it()
    {
        await using var viewer = await SocketIOPeer.ConnectAsync(_one.Address, "/slots/0/control/socket.io");
        Assert.True((await viewer.AskAsync("select_robot", new { robot_id = _robot.Handle })).GetProperty("ok").GetBoolean());

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(_two, "slots/0/control/socket.io/?EIO=4&transport=polling"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(_two, "control/socket.io/?EIO=4&transport=polling"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(_two, "slots/first/control/socket.io/?EIO=4&transport=polling"));
    }

    [Fact]
    public async Task When_a_node_ends_the_other_serves_its_robots_and_stops_one_that_was_moving()
    {
        await using var robot = await _one.ConnectRobotAsync(_robot);
        await using var viewer = await _one.ConnectViewerAsync(_robot);
        await Eventually.TrueAsync(async () => (await viewer.AskAsync("command_to_robot", new { command = "F", key_position = "down" })).GetProperty("ok").GetBoolean());
        await Eventually.TrueAsync(() => _one.Get<MovingRobots>().MayBeMovingAsync(_robot.Handle));

        _nodes.Remove(_one);
        await _one.DisposeAsync();
        await ServesAsync(_two, HttpStatusCode.OK);

        Assert.False(robot.IsConnected);
        Assert.False(viewer.IsConnected);
        await using var back = await _two.ConnectRobotAsync(_robot);
        await Eventually.TrueAsync(() => back.Heard.StartsWith("stop:", StringComparison.Ordinal));
    }

    /// <summary>Where the owner's stop arrives, by the API, by chat or by the site, need not be where the robot is.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_emergency_stop_at_one_node_stops_the_robot_at_the_other_until_it_is_reopened(bool redisIsAway)
    {
        await using var robot = await _one.ConnectRobotAsync(_robot);
        await using var viewer = await _one.ConnectViewerAsync(_robot);
        await Eventually.TrueAsync(async () => await viewer.PressAsync("F", "down") == "ok");
        if (redisIsAway)
        {
            await _redis.KillAsync();
        }

        await _two.Get<ControlRulesStore>().StopAsync(_robot.Handle, "olga");

        await Eventually.TrueAsync(() => robot.Heard.Contains("stop:up", StringComparison.Ordinal));
        Assert.Equal("control_closed", await viewer.PressAsync("F", "intermediate"));
        Assert.Equal("control_closed", await viewer.PressAsync("L", "down"));
        Assert.DoesNotContain("down", robot.Heard[robot.Heard.IndexOf("stop:up", StringComparison.Ordinal)..], StringComparison.Ordinal);

        await _two.Get<ControlRulesStore>().ReopenAsync(_robot.Handle);
        await Eventually.TrueAsync(async () => await viewer.PressAsync("R", "down") == "ok");
    }

    [Fact]
    public async Task An_emergency_stop_does_not_wait_for_the_store()
    {
        await using var robot = await _one.ConnectRobotAsync(_robot);
        await using var viewer = await _one.ConnectViewerAsync(_robot);
        await Eventually.TrueAsync(async () => await viewer.PressAsync("F", "down") == "ok");

        // What a stop says before it is stored.
        _two.Get<IBus>().Publish(new EmergencyStop(_robot.Handle, "olga"));

        await Eventually.TrueAsync(() => robot.Heard.Contains("stop:up", StringComparison.Ordinal));
        Assert.Equal("control_closed", await viewer.PressAsync("F", "down"));
        Assert.Null((await _one.Get<ControlRulesStore>().FindAsync(_robot.Handle)).Closed);
    }

    private async Task<ControlServer> StartAsync(string name)
    {
        var node = await ControlServer.StartAsync(
        [
            .. _store.Settings.Where(setting => setting.Value is not null).Select(setting => $"{setting.Key}={setting.Value}"),
            $"Redis:Configuration={_redis.Configuration}",
            "Cluster:Slots:0:Control=localhost:8021",
            "Cluster:LeaseTime=00:00:30",
            "Cluster:HandOverTime=00:00:00",
            $"Cluster:Node={name}",
        ]);
        _nodes.Add(node);
        return node;
    }

    private Task ServesAsync(ControlServer node, HttpStatusCode status) => Eventually.TrueAsync(async () => await StatusAsync(node, "readyz/slots/0") == status);

    private async Task<HttpStatusCode> StatusAsync(ControlServer node, string path)
    {
        using var answer = await _http.GetAsync(new Uri(node.Address, path));
        return answer.StatusCode;
    }
}
