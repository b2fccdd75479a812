using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Chat;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

using Microsoft.Extensions.Options;

namespace LiveRobot.ChatSocket.Tests;

/// <summary>Two nodes of chat on one Redis and one store: a robot's chat is at the one that has the robot's slot.</summary>
public sealed class SlotTests : IAsyncLifetime
{
    private readonly TestStore _store = new(TestStore.Usual);
    private RedisServer _redis = null!;
    private ServiceHost _one = null!;
    private ServiceHost _two = null!;
    private Robot _robot = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();

        // It has been in use for long.
        await _redis.AskAsync("SET", "liverobot:cluster", "1");
        _one = await StartAsync("one");
        await Eventually.TrueAsync(async () => await _redis.AskAsync("GET", "liverobot:slot:chat:0") == "one");
        _two = await StartAsync("two");
        _robot = await _one.Robots.AddAsync("Rover", "alice");
    }

    public async ValueTask DisposeAsync()
    {
        await _two.DisposeAsync();
        await _one.DisposeAsync();
        await _redis.DisposeAsync();
        _store.Dispose();
    }

    [Fact]
    public async Task What_a_robot_says_at_its_control_socket_is_stored_once_in_its_order()
    {
        await using var viewer = await SocketIOPeer.ConnectAsync(_one.Address);
        await viewer.AskAsync("select_robot", new { robot_id = _robot.Handle });
        var voice = _two.Get<RobotVoice>();

        // Both nodes hear of it.
        var ids = await Task.WhenAll(Enumerable.Range(0, 5).Select(number => voice.SayAsync(_robot, $"Line {number}")));

        await viewer.WaitForAsync("chat_message_with_name", line => line.GetProperty("_id").GetString() == ids[^1]);
        var stored = await _one.Get<ChatLog>().LastAsync(_robot.Handle);
        Assert.Equal(["Line 0", "Line 1", "Line 2", "Line 3", "Line 4"], stored.Select(line => line.Text));
        Assert.Equal(ids, stored.Select(line => line.MessageId));
    }

    [Fact]
    public async Task While_Redis_is_away_nobody_says_that_a_robot_was_heard_who_does_not_know()
    {
        using var voice = new RobotVoice(
            _two.Get<IBus>(), Options.Create(new RobotSpeechOptions { AnswerTime = TimeSpan.FromSeconds(1) }), TimeProvider.System);
        await _redis.KillAsync();

        Assert.Null(await voice.SayAsync(_robot, "lost"));

        await _redis.StartAgainAsync();
        await Eventually.TrueAsync(async () => await voice.SayAsync(_robot, "heard") is not null);
        Assert.DoesNotContain(await _one.Get<ChatLog>().LastAsync(_robot.Handle), line => line.Text == "lost");
    }

    [Fact]
    public async Task Whoever_talks_to_it_at_the_other_node_is_closed_and_no_line_is_taken()
    {
        await using var robot = await SocketIOPeer.ConnectAsync(_two.Address);
        await robot.EmitAsync("identify_robot_id", _robot.RobotId);
        await using var viewer = await SocketIOPeer.ConnectAsync(_two.Address);
        await viewer.EmitAsync("select_robot", new { robot_id = _robot.Handle });
        await using var speaker = await SocketIOPeer.ConnectAsync(_two.Address);
        await speaker.EmitAsync("chat_message", new { message = "Hello", robot_id = _robot.Handle });

        await Eventually.TrueAsync(() => !robot.IsConnected && !viewer.IsConnected && !speaker.IsConnected);
        Assert.Empty(robot.Received);
        Assert.Empty(await _one.Get<ChatLog>().LastAsync(_robot.Handle));
    }

    private Task<ServiceHost> StartAsync(string name) => ServiceHost.StartAsync(
        builder => builder.AddChatSocket(),
        endpoints => endpoints.MapChatSocket(),
        new Dictionary<string, string?>(_store.Settings)
        {
            ["Redis:Configuration"] = _redis.Configuration,
            ["Cluster:Slots:0:Chat"] = "localhost:8023",
            ["Cluster:LeaseTime"] = "00:00:30",
            ["Cluster:HandOverTime"] = "00:00:00",
            ["Cluster:Node"] = name,
        });
}
