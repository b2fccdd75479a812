using System.Text.Json;

using LiveRobot.Testing;

using SocketIO.Adapters;

using WebSockets.Tests;

namespace SocketIO.Tests.Adapters;

/// <summary>
/// What every adapter does, on however many nodes it is for. A subclass says how many and makes the adapters; sockets
/// are spread over the nodes in turn, and nothing else may depend on where one is.
/// </summary>
public abstract class AdapterTests : IAsyncLifetime
{
    private const string Mark = "end";

    private readonly List<TestServer> _nodes = [];
    private readonly List<RawWebSocketClient> _clients = [];
    private readonly List<Socket> _sockets = [];

    protected abstract int Nodes { get; }

    protected abstract IAdapter CreateAdapter();

    public async ValueTask InitializeAsync()
    {
        for (var i = 0; i < Nodes; i++)
        {
            _nodes.Add(await TestServer.StartAsync(adapter: CreateAdapter()));
        }
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _clients.ForEach(client => client.Dispose());
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_broadcast_reaches_every_addressed_socket_once()
    {
        await ConnectAsync(6, "a", "a b", "b", "", "a", "");
        var root = _nodes[0].Server.Root;

        root.Emit(EventMessage.Create("m", "all"));
        root.To("a").Emit(EventMessage.Create("m", "a"));
        root.To("a").To("b").Emit(EventMessage.Create("m", "a or b"));
        root.To("a").Except("b").Emit(EventMessage.Create("m", "a not b"));
        root.To(_sockets[5].Id).Emit(EventMessage.Create("m", "5"));
        root.Except(_sockets[1].Id).Emit(EventMessage.Create("m", "all but 1"));
        root.To("nobody").Emit(EventMessage.Create("m", "nobody"));

        await AssertReceivedAsync(root, "m",
            ["all", "a", "a or b", "a not b", "all but 1"],
            ["all", "a", "a or b"],
            ["all", "a or b", "all but 1"],
            ["all", "all but 1"],
            ["all", "a", "a or b", "a not b", "all but 1"],
            ["all", "5", "all but 1"]);
    }

    [Fact]
    public async Task A_socket_reaches_the_others_of_its_room_wherever_they_are()
    {
        await ConnectAsync(4, "a", "a", "a", "");

        _sockets[1].To("a").Emit(EventMessage.Create("m", "to a"));
        _sockets[2].ToOthers().Emit(EventMessage.Create("m", "to others"));

        // From two nodes, so only each by itself has an order.
        await AssertReceivedAsync(null, "m", ["to a", "to others"], ["to others"], ["to a"], ["to others"]);
    }

    [Fact]
    public async Task A_local_broadcast_stays_on_its_node()
    {
        await ConnectAsync(4, "a", "a", "a", "a");
        var root = _nodes[0].Server.Root;

        root.To("a").Local().Emit(EventMessage.Create("m", "here"));

        await AssertReceivedAsync(root, "m", [.. _sockets.Select(socket => NodeOf(socket) == _nodes[0] ? (string[])["here"] : [])]);
    }

    [Fact]
    public async Task Events_of_one_node_arrive_in_order()
    {
        const int count = 500;
        await ConnectAsync(3, "a", "a", "a");
        var root = _nodes[0].Server.Root;

        for (var i = 0; i < count; i++)
        {
            root.To("a").Emit(EventMessage.Create("m", $"{i}"));
        }

        var expected = Enumerable.Range(0, count).Select(i => $"{i}").ToArray();
        await AssertReceivedAsync(root, "m", expected, expected, expected);
    }

    [Fact]
    public async Task Both_revisions_get_an_event_with_bytes_and_text_of_every_kind()
    {
        await ConnectAsync(2, "", "");
        using var old = new RawWebSocketClient();
        await old.ConnectAsync(_nodes[^1].Port, "/socket.io/?EIO=3&transport=websocket");
        Assert.StartsWith("0{", await old.ReceiveTextAsync());
        Assert.Equal("40", await old.ReceiveTextAsync());

        _nodes[0].Server.Root.Emit(EventMessage.CreateBinary("m", new { text = "\"Grüße\"\u2028", bytes = new byte[] { 1, 2, 3 } }));

        foreach (var client in _clients)
        {
            var text = await client.ReceiveTextAsync();
            Assert.StartsWith("451-[\"m\",", text);
            Assert.Equal("\"Grüße\"\u2028", JsonDocument.Parse(text[4..]).RootElement[1].GetProperty("text").GetString());
            Assert.Equal((0x82, "010203"), await ReceiveHexAsync(client));
        }

        Assert.StartsWith("451-[\"m\",{\"text\":\"\\\"Gr\\u00fc\\u00dfe", await old.ReceiveTextAsync());
        Assert.Equal((0x82, "04010203"), await ReceiveHexAsync(old));
    }

    [Fact]
    public async Task A_volatile_event_reaches_those_who_can_take_it()
    {
        await ConnectAsync(3, "a", "a", "");

        _nodes[0].Server.Root.To("a").EmitVolatile(EventMessage.Create("m", "now"));

        await AssertReceivedAsync(_nodes[0].Server.Root, "m", ["now"], ["now"], []);
    }

    [Fact]
    public async Task Sockets_are_listed_with_their_rooms()
    {
        await ConnectAsync(4, "a b", "a", "b", "");
        var root = _nodes[^1].Server.Root;

        var all = await root.ToAll().FetchSocketsAsync();
        var some = await root.To("a").Except(_sockets[0].Id).FetchSocketsAsync();

        Assert.Equal(_sockets.Select(socket => socket.Id).Order(), all.Select(socket => socket.Id).Order());
        var first = all.Single(socket => socket.Id == _sockets[0].Id);
        Assert.Equal(["a", "b"], first.Rooms.Order());
        Assert.Equal("127.0.0.1", first.RemoteAddress);
        Assert.Equal(4, first.EngineIOVersion);
        Assert.Equal(0, first.Auth!.Value.GetProperty("client").GetInt32());
        Assert.Equal([_sockets[1].Id], some.Select(socket => socket.Id));
    }

    [Fact]
    public async Task Sockets_are_moved_between_rooms()
    {
        await ConnectAsync(4, "a", "a", "a", "");
        var root = _nodes[0].Server.Root;

        root.To("a").Except(_sockets[2].Id).Join("b");
        root.To(_sockets[1].Id).Leave("a");

        await Eventually.TrueAsync(() => _sockets[1].Rooms.SequenceEqual(["b"]) && _sockets[0].Rooms.Count == 2);
        root.To("b").Emit(EventMessage.Create("m", "b"));
        root.To("a").Emit(EventMessage.Create("m", "a"));
        await AssertReceivedAsync(root, "m", ["b", "a"], ["b"], ["a"], []);
    }

    [Fact]
    public async Task Sockets_are_disconnected()
    {
        await ConnectAsync(4, "a", "a", "", "b");
        var root = _nodes[0].Server.Root;

        root.To("a").Disconnect();
        root.To("b").Disconnect(closeConnection: false);

        foreach (var client in (RawWebSocketClient[])[_clients[0], _clients[1]])
        {
            Assert.Equal("41", await client.ReceiveTextAsync());
            Assert.Equal(1000, await client.ReceiveCloseAsync());
        }

        Assert.Equal("41", await _clients[3].ReceiveTextAsync());
        await _clients[3].SendTextAsync("40");
        Assert.StartsWith("40{", await _clients[3].ReceiveTextAsync());
        Assert.True(_sockets[2].IsConnected);
        Assert.Equal(2, (await root.ToAll().FetchSocketsAsync()).Count);
    }

    [Fact]
    public async Task A_question_to_many_gathers_the_answers_that_come_in_time()
    {
        await ConnectAsync(4, "a", "a", "a", "");

        var asking = _nodes[0].Server.Root.To("a").AskAsync(EventMessage.Create("m", "?"), TimeSpan.FromSeconds(3));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("""420["m","?"]""", await _clients[i].ReceiveTextAsync());
        }

        await _clients[0].SendTextAsync("""430["zero"]""");
        await _clients[1].SendTextAsync("""461-0[{"_placeholder":true,"num":0}]""");
        await _clients[1].SendAsync(0x82, [1, 2, 3]);
        foreach (var i in (int[])[0, 1])
        {
            // Answered by now: an acknowledgement is taken before the event behind it.
            await _clients[i].SendTextAsync("""42["heard"]""");
        }

        await Eventually.TrueAsync(() => _heard == 2);
        _nodes.ForEach(node => node.Clock.Advance(TimeSpan.FromSeconds(3)));

        var answers = await asking.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(new[] { _sockets[0].Id, _sockets[1].Id }.Order(), answers.Keys.Order());
        Assert.Equal("zero", JsonDocument.Parse(answers[_sockets[0].Id].Json).RootElement[0].GetString());
        Assert.Equal([1, 2, 3], answers[_sockets[1].Id].Attachments.Single().ToArray());
    }

    [Fact]
    public async Task Namespaces_are_apart_and_one_that_a_node_does_not_know_is_empty_there()
    {
        await ConnectAsync(2, "a", "a");
        _nodes[0].Server.OfDynamic(_ => true, made => made.OnConnection(socket => socket.Join("a")));
        await _clients[0].SendTextAsync("40/made,");
        Assert.StartsWith("40/made,", await _clients[0].ReceiveTextAsync());
        var made = _nodes[0].Server.Of("/made");

        made.To("a").Emit(EventMessage.Create("m", "made"));

        Assert.Equal("""42/made,["m","made"]""", await _clients[0].ReceiveTextAsync());
        Assert.Single(await made.ToAll().FetchSocketsAsync());
        await AssertReceivedAsync(_nodes[0].Server.Root, "m", [], []);
    }

    [Fact]
    public async Task A_node_that_has_closed_is_not_waited_for()
    {
        await ConnectAsync(4, "a", "a", "a", "a");
        var adapter = _nodes[0].Server.Adapter;
        Assert.Equal(Nodes, await adapter.CountNodesAsync());
        if (Nodes > 1)
        {
            await _nodes[^1].Server.CloseAsync();
            await Eventually.TrueAsync(async () => await adapter.CountNodesAsync() == Nodes - 1);
        }

        var left = await _nodes[0].Server.Root.ToAll().FetchSocketsAsync();

        Assert.Equal(
            _sockets.Where(socket => Nodes == 1 || NodeOf(socket) != _nodes[^1]).Select(socket => socket.Id).Order(),
            left.Select(socket => socket.Id).Order());
    }

    private int _heard;

    private TestServer NodeOf(Socket socket) => _nodes[_sockets.IndexOf(socket) % Nodes];

    /// <summary>Connects sockets, each in the rooms named, over the nodes in turn.</summary>
    private async Task ConnectAsync(int count, params string[] rooms)
    {
        for (var i = 0; i < count; i++)
        {
            var node = _nodes[i % Nodes];
            var client = new RawWebSocketClient();
            await client.ConnectAsync(node.Port, "/socket.io/?EIO=4&transport=websocket");
            Assert.StartsWith("0{", await client.ReceiveTextAsync());
            await client.SendTextAsync($$"""40{"client":{{i}}}""");
            Assert.StartsWith("40{", await client.ReceiveTextAsync());
            var socket = await node.SocketAsync(i / Nodes);
            socket.On("heard", _ => Interlocked.Increment(ref _heard));
            foreach (var room in rooms[i].Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                socket.Join(room);
            }

            _clients.Add(client);
            _sockets.Add(socket);
        }
    }

    /// <summary>Reads what each client got, up to a mark that is sent to all; in any order when it comes from several nodes (no <paramref name="from"/>).</summary>
    private async Task AssertReceivedAsync(Namespace? from, string name, params string[][] expected)
    {
        if (from is null)
        {
            // Marks of all nodes, so that the last of them comes behind everything.
            _nodes.ForEach(node => node.Server.Root.Emit(EventMessage.Create(Mark)));
        }
        else
        {
            from.Emit(EventMessage.Create(Mark));
        }

        for (var i = 0; i < _clients.Count; i++)
        {
            var received = new List<string>();
            for (var marks = from is null ? Nodes : 1; marks > 0;)
            {
                var text = await _clients[i].ReceiveTextAsync();
                if (text == $"42[\"{Mark}\"]")
                {
                    marks--;
                }
                else
                {
                    var json = JsonDocument.Parse(text[2..]).RootElement;
                    Assert.Equal(name, json[0].GetString());
                    received.Add(json[1].GetString()!);
                }
            }

            IEnumerable<string> wanted = expected[i];
            Assert.Equal(from is null ? wanted.Order() : wanted, from is null ? received.Order() : received);
        }
    }

    private static async Task<(int, string)> ReceiveHexAsync(RawWebSocketClient client)
    {
        var (firstByte, payload) = await client.ReceiveAsync();
        return (firstByte, Convert.ToHexString(payload));
    }
}
