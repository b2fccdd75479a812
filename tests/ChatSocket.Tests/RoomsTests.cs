using System.Net;
using System.Text.Json;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Hosting;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

using Microsoft.Extensions.Options;

namespace LiveRobot.ChatSocket.Tests;

/// <summary>
/// Who hears what: Rover and Quiet, whose chat is not global, are Olga's, and Other is Peter's. People come through a proxy.
/// Whether somebody hears nothing is told by the next line, which they do hear: lines come in one order.
/// </summary>
public sealed class RoomsTests : IAsyncLifetime
{
    private ServiceHost _host = null!;

    private BanDirectory Bans => _host.Get<BanDirectory>();

    public async ValueTask InitializeAsync()
    {
        _host = await ServiceHost.StartAsync(
            builder => builder.AddChatSocket(),
            endpoints => endpoints.MapChatSocket(),
            new Dictionary<string, string?> { ["Proxies:Trusted:0"] = "127.0.0.1", ["Chat:Burst"] = "100", ["Chat:UsersInterval"] = "00:00:00.050", ["Chat:MaxUsersListed"] = "3" });
        await _host.Robots.AddAsync("Rover", "olga");
        await _host.Robots.AddAsync("Quiet", "olga");
        await _host.Robots.AddAsync("Other", "peter");
        await _host.Robots.ChangeAsync("quiet", robot => robot with { NonGlobalChat = true });
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task All_on_the_user_socket_hear_robots_whose_chat_is_global_and_on_the_chat_socket_only_who_has_chosen_the_robot()
    {
        await using var user = await UserAsync("203.0.113.1");
        await using var chooser = await UserAsync("203.0.113.2", "other");
        await using var viewer = await ViewerAsync("203.0.113.3", "other");
        await using var speaker = await ViewerAsync("203.0.113.4", "rover");

        await SayAsync(speaker, "rover", "1");
        await SayAsync(viewer, "other", "2");

        Assert.Equal(["[Rover] 1", "[Other] 2"], await HeardAsync(user, "[Other] 2"));
        Assert.Equal(["[Rover] 1", "[Other] 2"], await HeardAsync(chooser, "[Other] 2"));
        Assert.Equal(["[Other] 2"], await HeardAsync(viewer, "[Other] 2"));
    }

    [Fact]
    public async Task A_robot_whose_chat_is_not_global_is_heard_in_the_room_of_its_owner_by_who_is_there_and_no_longer_when_they_have_left()
    {
        await using var user = await UserAsync("203.0.113.1");
        await using var roomMate = await UserAsync("203.0.113.2", "rover");
        await using var speaker = await ViewerAsync("203.0.113.3", "quiet");

        await SayAsync(speaker, "quiet", "1");
        await SayAsync(speaker, "rover", "2");
        Assert.Equal(["[Rover] 2"], await HeardAsync(user, "[Rover] 2"));
        Assert.Equal(["[Quiet] 1", "[Rover] 2"], await HeardAsync(roomMate, "[Rover] 2"));
        Assert.Equal("olga", roomMate.Received.First(Said).Argument.GetProperty("room").GetString());

        Assert.True((await roomMate.AskAsync("select_robot", new { robot_id = "other" })).GetProperty("ok").GetBoolean());
        await SayAsync(speaker, "quiet", "3");
        await SayAsync(speaker, "rover", "4");
        Assert.Equal(["[Quiet] 1", "[Rover] 2", "[Rover] 4"], await HeardAsync(roomMate, "[Rover] 4"));
    }

    [Fact]
    public async Task A_robot_that_is_not_public_is_heard_by_who_has_chosen_it_alone()
    {
        await _host.Robots.SetVisibilityAsync("quiet", Visibility.Unlisted);
        await using var user = await UserAsync("203.0.113.1");
        await using var roomMate = await UserAsync("203.0.113.2", "rover");
        await using var chooser = await UserAsync("203.0.113.3", "quiet");

        await SayAsync(chooser, "quiet", "1");
        await SayAsync(chooser, "rover", "2");

        Assert.Equal(["[Rover] 2"], await HeardAsync(user, "[Rover] 2"));
        Assert.Equal(["[Rover] 2"], await HeardAsync(roomMate, "[Rover] 2"));
        Assert.Equal(["[Quiet] 1", "[Rover] 2"], await HeardAsync(chooser, "[Rover] 2"));
    }

    [Fact]
    public async Task Who_is_banned_from_a_robot_hears_it_in_no_room_until_the_ban_is_lifted()
    {
        await using var troll = await UserAsync("203.0.113.1");
        await using var roomMate = await UserAsync("203.0.113.1", "quiet");
        await using var neighbour = await UserAsync("203.0.113.2");
        await using var speaker = await ViewerAsync("203.0.113.3", "other");
        var ban = await Bans.MakeAsync(BanScope.OfRobot("rover"), BanTarget.Of(IPAddress.Parse("203.0.113.1")), "", duration: null, "olga");

        await SayAsync(speaker, "rover", "1");
        await SayAsync(speaker, "other", "2");
        foreach (var away in new[] { troll, roomMate })
        {
            Assert.Equal(["[Other] 2"], await HeardAsync(away, "[Other] 2"));
        }

        Assert.Equal(["[Rover] 1", "[Other] 2"], await HeardAsync(neighbour, "[Other] 2"));
        await Bans.LiftAsync(BanScope.OfRobot("rover"), ban!.Id, "olga");
        await SayAsync(speaker, "rover", "3");

        Assert.Equal(["[Other] 2", "[Rover] 3"], await HeardAsync(troll, "[Rover] 3"));
    }

    [Fact]
    public async Task Who_is_banned_from_all_robots_of_an_owner_by_account_hears_none_of_them_and_the_owner_and_administrators_hear_all()
    {
        var cookie = await _host.SignInAsync("Anna");
        await using var anna = await UserAsync("203.0.113.1", cookie: cookie);
        await using var olga = await UserAsync("203.0.113.1", cookie: await _host.SignInAsync("olga"));
        await using var stranger = await UserAsync("203.0.113.1");
        await using var speaker = await ViewerAsync("203.0.113.3", "other");
        await Bans.MakeAsync(BanScope.OfOwner("olga"), BanTarget.Of((await _host.Get<AccountDirectory>().FindAsync("Anna"))!), "", duration: null, "olga");

        await SayAsync(speaker, "rover", "1");
        await SayAsync(speaker, "other", "2");

        Assert.Equal(["[Other] 2"], await HeardAsync(anna, "[Other] 2"));
        Assert.Equal(["[Rover] 1", "[Other] 2"], await HeardAsync(olga, "[Other] 2"));
        Assert.Equal(["[Rover] 1", "[Other] 2"], await HeardAsync(stranger, "[Other] 2"));
    }

    [Fact]
    public async Task Those_on_the_user_socket_are_told_who_is_there_by_name_where_they_may_be_named()
    {
        await _host.Robots.SetVisibilityAsync("quiet", Visibility.Unlisted);
        await using var anna = await UserAsync("203.0.113.1", "rover", await _host.SignInAsync("Anna"));
        await using var hidden = await UserAsync("203.0.113.1", "quiet", await _host.SignInAsync("Hidden"));
        await using var olga = await ViewerAsync("203.0.113.1", "rover", await _host.SignInAsync("olga"));
        await using var user = await UserAsync("203.0.113.3");
        JsonElement lists;
        await using (await ViewerAsync("203.0.113.2", "rover"))
        {
            lists = await anna.WaitForAsync("channel_users_list", lists =>
                lists.TryGetProperty("olga", out var room) && NamesIn(room).SequenceEqual(["1 anonymous", "Anna", "olga"]) && NamesIn(lists.GetProperty("global")).Count() == 3);
        }

        Assert.Equal(["1 anonymous", "Anna", "Hidden"], NamesIn(lists.GetProperty("global")));
        Assert.DoesNotContain("quiet", lists.GetRawText(), StringComparison.Ordinal);
        var owner = lists.GetProperty("olga").GetProperty("olga");
        Assert.Equal(("rover", true), (owner.GetProperty("robot_id").GetString(), owner.GetProperty("user").GetProperty("moderator").GetBoolean()));
        Assert.Equal(1, lists.GetProperty("olga").GetProperty("anonymous").GetProperty("count").GetInt32());
        await anna.WaitForAsync("channel_users_list", lists => lists.TryGetProperty("olga", out var room) && NamesIn(room).SequenceEqual(["Anna", "olga"]));
        await user.WaitForAsync("channel_users_list", lists => lists.EnumerateObject().Select(room => room.Name).SequenceEqual(["global"]));
        Assert.DoesNotContain(olga.Received, received => received.Name == "channel_users_list");
    }

    /// <summary>Whoever is told may watch the same robot.</summary>
    [Fact]
    public async Task Those_of_the_site_are_told_who_watches_their_robot_and_nobody_elses()
    {
        await _host.Robots.SetVisibilityAsync("quiet", Visibility.Unlisted);
        await using var olga = await ViewerAsync("203.0.113.1", "quiet", await _host.SignInAsync("olga"));
        await using var anna = await UserAsync("203.0.113.1", "quiet", await _host.SignInAsync("Anna"));
        await using var elsewhere = await ViewerAsync("203.0.113.1", "rover", await _host.SignInAsync("Bert"));
        await using (await ViewerAsync("203.0.113.2", "quiet"))
        {
            await olga.WaitForAsync("viewers_list", list => IsListed(list, "quiet", anonymous: 1, "Anna", "olga"));
        }

        await olga.WaitForAsync("viewers_list", list => IsListed(list, "quiet", anonymous: 0, "Anna", "olga"));
        await elsewhere.WaitForAsync("viewers_list", list => IsListed(list, "rover", anonymous: 0, "Bert"));
        Assert.DoesNotContain(elsewhere.Received, received => received.Name == "viewers_list" && received.Argument.GetRawText().Contains("olga", StringComparison.Ordinal));
        Assert.DoesNotContain(anna.Received, received => received.Name == "viewers_list");
    }

    [Fact]
    public async Task A_list_names_as_many_as_it_may_and_counts_the_others()
    {
        await using var anna = await UserAsync("203.0.113.1", "rover", await _host.SignInAsync("Anna"));
        await using var bert = await UserAsync("203.0.113.1", "rover", await _host.SignInAsync("Bert"));
        await using var carl = await UserAsync("203.0.113.1", "rover", await _host.SignInAsync("Carl"));
        await anna.WaitForAsync("channel_users_list", lists => lists.TryGetProperty("olga", out var room) && NamesIn(room).SequenceEqual(["Anna", "Bert", "Carl"]));

        await using var dora = await UserAsync("203.0.113.1", "rover", await _host.SignInAsync("Dora"));

        await anna.WaitForAsync("channel_users_list", lists => lists.TryGetProperty("olga", out var room) && NamesIn(room).SequenceEqual(["1 others", "Anna", "Bert", "Carl"]));
        await using var olga = await ViewerAsync("203.0.113.1", "rover", await _host.SignInAsync("olga"));
        var list = await olga.WaitForAsync("viewers_list", list => IsListed(list, "rover", anonymous: 0, "Anna", "Bert", "Carl"));
        Assert.Equal(2, list.GetProperty("others").GetInt32());
    }

    private static IEnumerable<string?> NamesIn(JsonElement room) =>
        room.EnumerateObject().Select(entry => entry.Value.GetProperty("user").GetProperty("username").GetString()).Order(StringComparer.Ordinal);

    private static bool IsListed(JsonElement list, string handle, int anonymous, params string[] users) =>
        list.GetProperty("robot_id").GetString() == handle
        && list.GetProperty("anonymous").GetInt32() == anonymous
        && list.GetProperty("users").EnumerateArray().Select(user => user.GetString()).SequenceEqual(users);

    private static bool Said((string Name, JsonElement Argument) received) => received.Name == "chat_message_with_name";

    /// <summary>Everything that was heard up to a line.</summary>
    private static async Task<IEnumerable<string?>> HeardAsync(SocketIOPeer peer, string last)
    {
        await peer.WaitForAsync("chat_message_with_name", line => line.GetProperty("message").GetString() == last);
        return peer.Received.Where(Said).Select(received => received.Argument.GetProperty("message").GetString());
    }

    private static async Task SayAsync(SocketIOPeer speaker, string handle, string text) =>
        Assert.True((await speaker.AskAsync("chat_message", new { message = text, robot_id = handle })).GetProperty("ok").GetBoolean());

    /// <summary>A socket of the user port; the others of these tests are not.</summary>
    private async Task<SocketIOPeer> UserAsync(string address, string? handle = null, string? cookie = null)
    {
        var ports = _host.Get<IOptions<PortOptions>>().Value;
        ports.User = _host.Port;
        var user = await ViewerAsync(address, handle, cookie);
        ports.User = 0;
        return user;
    }

    private async Task<SocketIOPeer> ViewerAsync(string address, string? handle, string? cookie = null)
    {
        var viewer = await SocketIOPeer.ConnectAsync(_host.Address, cookie: cookie, forwardedFor: address);
        if (handle is not null)
        {
            Assert.True((await viewer.AskAsync("select_robot", new { robot_id = handle })).GetProperty("ok").GetBoolean());
        }

        return viewer;
    }
}
