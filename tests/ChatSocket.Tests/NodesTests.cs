using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;

using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Hosting;
using LiveRobot.Platform.Moderation;
using LiveRobot.Testing;

using Microsoft.Extensions.Options;

using StackExchange.Redis;

namespace LiveRobot.ChatSocket.Tests;

/// <summary>Two processes that serve chat, on one store and one Redis: people in the global room are on both. Rover is on the first.</summary>
public sealed class NodesTests : IAsyncLifetime
{
    private readonly TestStore _store = new(TestStore.Usual);
    private RedisServer _redis = null!;
    private ServiceHost _one = null!;
    private ServiceHost _other = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _one = await StartAsync("one");
        _other = await StartAsync("other");
        await _one.Robots.AddAsync("Rover", "olga");
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _other.DisposeAsync();
        await _redis.DisposeAsync();
        _store.Dispose();
    }

    [Fact]
    public async Task A_line_is_heard_once_by_everybody_in_the_global_room_wherever_it_is_said_and_is_one_message_between_the_processes()
    {
        await using var here = await ConnectAsync(_one, "203.0.113.1", isUser: true);
        await using var there = await ConnectAsync(_other, "203.0.113.2", isUser: true);
        await using var viewer = await ConnectAsync(_one, "203.0.113.3", handle: "rover");
        await using var robot = await RobotAsync();
        var (messages, subscribed) = await ListenAsync();
        using var _ = subscribed;

        await SayAsync(viewer, "1");
        await HearAsync(there, "[Rover] 1");
        Assert.Single(messages);
        await SayAsync(there, "2");
        SocketIOPeer[] all = [here, there, viewer, robot];

        // What the two processes say has no order among it.
        await Task.WhenAll(all.Select(peer => HearAsync(peer, "[Rover] 2")));
        await SayAsync(viewer, "3");

        foreach (var peer in all)
        {
            Assert.Equal(["[Rover] 1", "[Rover] 2", "[Rover] 3"], await HeardAsync(peer, "[Rover] 3"));
        }
    }

    [Fact]
    public async Task Who_is_banned_from_a_robot_does_not_hear_it_on_another_process_either()
    {
        await using var anonymous = await ConnectAsync(_other, "203.0.113.1", isUser: true);
        var cookie = await _other.SignInAsync("anna");
        await using var account = await ConnectAsync(_other, "203.0.113.2", isUser: true, cookie: cookie);
        await using var neighbour = await ConnectAsync(_other, "203.0.113.2", isUser: true);
        await using var viewer = await ConnectAsync(_one, "203.0.113.3", handle: "rover");
        await _one.Robots.AddAsync("Other", "peter");
        var bans = _one.Get<BanDirectory>();
        await bans.MakeAsync(BanScope.OfRobot("rover"), BanTarget.Of(IPAddress.Parse("203.0.113.1")), "", duration: null, "olga");
        await bans.MakeAsync(BanScope.OfRobot("rover"), BanTarget.Of((await _one.Get<Platform.Accounts.AccountDirectory>().FindAsync("anna"))!), "", duration: null, "olga");

        await SayAsync(viewer, "1");
        await SayAsync(viewer, "2", "other");

        Assert.Equal(["[Other] 2"], await HeardAsync(anonymous, "[Other] 2"));
        Assert.Equal(["[Other] 2"], await HeardAsync(account, "[Other] 2"));
        Assert.Equal(["[Rover] 1", "[Other] 2"], await HeardAsync(neighbour, "[Other] 2"));

        // Who has signed out is somebody else: from their address nobody is banned.
        await _one.Get<Platform.Accounts.Sessions>().EndAsync((await _one.Get<Platform.Accounts.AccountDirectory>().FindAsync("anna"))!, cookie.Split('=', 2)[1]);
        await Eventually.TrueAsync(async () =>
        {
            await SayAsync(viewer, "3");
            return account.Received.Any(heard => heard.Name == "chat_message_with_name" && heard.Argument.GetProperty("message").GetString() == "[Rover] 3");
        });
    }

    [Fact]
    public async Task A_line_that_is_taken_back_is_taken_back_once_on_each()
    {
        await using var here = await ConnectAsync(_one, "203.0.113.1", isUser: true);
        await using var there = await ConnectAsync(_other, "203.0.113.2", isUser: true);
        await using var viewer = await ConnectAsync(_one, "203.0.113.3", handle: "rover");
        foreach (var text in new[] { "1", "2" })
        {
            var said = await viewer.AskAsync("chat_message", new { message = text, robot_id = "rover" });
            Assert.True(await _one.Get<SaidLines>().TakeBackAsync((await _one.Robots.FindByHandleAsync("rover"))!, said.GetProperty("_id").GetString()!, "olga"));
        }

        foreach (var peer in new[] { here, there })
        {
            await Eventually.TrueAsync(() => Removed(peer).Distinct().Count() == 2);
            Assert.Equal(2, Removed(peer).Count());
        }

        static IEnumerable<string?> Removed(SocketIOPeer peer) =>
            peer.Received.Where(heard => heard.Name == "message_removed").Select(heard => heard.Argument.GetProperty("message_id").GetString());
    }

    [Fact]
    public async Task Who_is_there_at_one_process_is_told_at_all()
    {
        await using var anna = await ConnectAsync(_other, "203.0.113.1", isUser: true, cookie: await _other.SignInAsync("Anna"), handle: "rover");
        await using var olga = await ConnectAsync(_one, "203.0.113.1", cookie: await _one.SignInAsync("olga"), handle: "rover");
        await using (await ConnectAsync(_one, "203.0.113.2", isUser: true))
        await using (await ConnectAsync(_one, "203.0.113.3", isUser: true))
        {
            await anna.WaitForAsync("channel_users_list", lists => Names(lists, "global") == "2 anonymous, Anna" && Names(lists, "olga") == "Anna, olga");
        }

        // At the viewer's own process nothing has changed.
        var lists = await anna.WaitForAsync("channel_users_list", lists => Names(lists, "global") == "Anna" && Names(lists, "olga") == "Anna, olga");
        Assert.True(lists.GetProperty("olga").GetProperty("olga").GetProperty("user").GetProperty("moderator").GetBoolean());
        var viewers = await olga.WaitForAsync("viewers_list", list => list.GetProperty("users").GetArrayLength() == 2);
        Assert.Equal(["Anna", "olga"], viewers.GetProperty("users").EnumerateArray().Select(name => name.GetString()));

        static string Names(JsonElement lists, string room) => lists.TryGetProperty(room, out var found)
            ? string.Join(", ", found.EnumerateObject().Select(entry => entry.Value.GetProperty("user").GetProperty("username").GetString()).Order(StringComparer.Ordinal))
            : "";
    }

    [Fact]
    public async Task Those_of_a_process_that_is_gone_are_no_longer_told_and_while_Redis_is_away_those_who_were_there_are()
    {
        await using var anna = await ConnectAsync(_one, "203.0.113.1", isUser: true, cookie: await _one.SignInAsync("Anna"));
        await using (var third = await StartAsync("third"))
        {
            await using var bert = await ConnectAsync(third, "203.0.113.1", isUser: true, cookie: await third.SignInAsync("Bert"));
            await ListsAsync(anna, "Anna", "Bert");

            await _redis.KillAsync();
            await using var carl = await ConnectAsync(_one, "203.0.113.1", isUser: true, cookie: await _one.SignInAsync("Carl"));
            await ListsAsync(anna, "Anna", "Bert", "Carl");

            await _redis.StartAgainAsync();
            await ListsAsync(bert, "Anna", "Bert", "Carl");
            await ListsAsync(anna, "Anna", "Bert", "Carl");
        }

        await ListsAsync(anna, "Anna");

        // What was told last.
        static Task ListsAsync(SocketIOPeer peer, params string[] names) => Eventually.TrueAsync(() =>
            peer.Received.LastOrDefault(heard => heard.Name == "channel_users_list") is { Name: not null } told
            && told.Argument.GetProperty("global").EnumerateObject().Select(entry => entry.Name).Order().SequenceEqual(names));
    }

    private Task<ServiceHost> StartAsync(string name) => ServiceHost.StartAsync(
        builder => builder.AddChatSocket(),
        endpoints => endpoints.MapChatSocket(),
        new Dictionary<string, string?>(_store.Settings)
        {
            ["Redis:Configuration"] = _redis.Configuration,
            ["Redis:Timeout"] = "00:00:30",
            ["Proxies:Trusted:0"] = "127.0.0.1",
            ["Cluster:Node"] = name,
            ["Chat:Burst"] = "1000",
            ["Chat:UsersInterval"] = "00:00:00.100",
        });

    /// <summary>Hears what the processes tell each other of the rooms, but for their heartbeats.</summary>
    private async Task<(ConcurrentQueue<string> Messages, IDisposable Subscribed)> ListenAsync()
    {
        var messages = new ConcurrentQueue<string>();
        var connection = await ConnectionMultiplexer.ConnectAsync(_redis.Configuration);
        var subscriber = connection.GetSubscriber();
        var isSubscribed = false;
        await subscriber.SubscribeAsync(new RedisChannel("liverobot:rooms:Chat*", RedisChannel.PatternMode.Pattern), (_, message) =>
        {
            Volatile.Write(ref isSubscribed, true);
            if (!((string)message!).Contains("eartbeat", StringComparison.Ordinal))
            {
                messages.Enqueue(message!);
            }
        });

        // By the next heartbeat.
        await Eventually.TrueAsync(() => Volatile.Read(ref isSubscribed));
        return (messages, connection);
    }

    private static async Task<SocketIOPeer> ConnectAsync(ServiceHost host, string address, bool isUser = false, string? cookie = null, string? handle = null)
    {
        var ports = host.Get<IOptions<PortOptions>>().Value;
        ports.User = isUser ? host.Port : 0;
        var peer = await SocketIOPeer.ConnectAsync(host.Address, cookie: cookie, forwardedFor: address);
        ports.User = 0;
        if (handle is not null)
        {
            Assert.True((await peer.AskAsync("select_robot", new { robot_id = handle })).GetProperty("ok").GetBoolean());
        }

        return peer;
    }

    private async Task<SocketIOPeer> RobotAsync()
    {
        var robot = await SocketIOPeer.ConnectAsync(_one.Address);
        Assert.True((await robot.AskAsync("identify_robot_id", (await _one.Robots.FindByHandleAsync("rover"))!.RobotId)).GetProperty("ok").GetBoolean());
        return robot;
    }

    private static async Task SayAsync(SocketIOPeer speaker, string text, string handle = "rover") =>
        Assert.True((await speaker.AskAsync("chat_message", new { message = text, robot_id = handle })).GetProperty("ok").GetBoolean());

    private static Task<JsonElement> HearAsync(SocketIOPeer peer, string last) =>
        peer.WaitForAsync("chat_message_with_name", line => line.GetProperty("message").GetString() == last);

    /// <summary>Everything that was heard up to a line.</summary>
    private static async Task<IEnumerable<string?>> HeardAsync(SocketIOPeer peer, string last)
    {
        await HearAsync(peer, last);
        return peer.Received.Where(heard => heard.Name == "chat_message_with_name").Select(heard => heard.Argument.GetProperty("message").GetString());
    }
}
