using System.Text;

using global::SocketIO;

using LiveRobot.Testing;

namespace LiveRobot.Compatibility.SocketIO;

/// <summary>What every client library in use does with the server, on each of its ways to connect.</summary>
public sealed class EveryClientTests
{
    private const string Text = "Straße, 漢字, 😀 and \"quotes\" \\ \u2028";

    [Theory]
    [MemberData(nameof(KnownClients.All), MemberType = typeof(KnownClients))]
    public async Task Connects_emits_receives_and_acknowledges_both_ways(string library, string transports, string expected)
    {
        await using var host = await SocketIOHost.StartAsync();
        await using var client = KnownClients.Start(library, transports, host.Url);

        await client.SeeAsync("connect");
        var hello = await client.SeeAsync("hello");
        Assert.Equal(SocketIOHost.Greeting, hello[0].GetProperty("text").GetString());
        var socket = Assert.Single(host.Connected);
        Assert.Equal(library is "python 0.6.5" or "node 1" or "node 2" or "net EIO3" ? 3 : 4, socket.Handshake.EngineIOVersion);

        await client.AskAsync("echo", Text, new { nested = new[] { 1, 2 } });
        var echo = await client.SeeAsync("echo");
        Assert.Equal(Text, echo[0][0].GetString());
        Assert.Equal(2, echo[0][1].GetProperty("nested")[1].GetInt32());
        var ack = await client.SeeAsync("ack");
        Assert.Equal(2, ack[0].GetProperty("count").GetInt32());

        var answer = await socket.EmitWithAckAsync(EventMessage.Create("question", 42), TimeSpan.FromSeconds(10));
        Assert.Equal("""["answer",42]""", Encoding.UTF8.GetString(answer.Span).Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(expected, socket.Transport);
    }

    [Theory]
    [MemberData(nameof(KnownClients.All), MemberType = typeof(KnownClients))]
    public async Task Events_of_both_directions_arrive_once_and_in_order_while_it_connects_and_upgrades(string library, string transports, string expected)
    {
        const int events = 300;
        await using var host = await SocketIOHost.StartAsync();
        await using var client = KnownClients.Start(library, transports, host.Url);
        await client.SeeAsync("connect");
        var socket = Assert.Single(host.Connected);

        for (var i = 0; i < events; i++)
        {
            socket.Emit(EventMessage.Create("news", i));
            await client.EmitAsync("note", i);
        }

        var news = new List<int>();
        while (news.Count < events)
        {
            news.Add((await client.SeeAsync("news"))[0].GetInt32());
        }

        // python-socketio runs a handler in a thread of its own for each event, so only it can mix them up.
        Assert.Equal(Enumerable.Range(0, events), library == "python 5" ? news.Order() : news);

        await Eventually.TrueAsync(() => host.Notes.Count == events);
        Assert.Equal(Enumerable.Range(0, events).Select(i => $"{i}"), host.Notes);
        Assert.Equal(expected, socket.Transport);
    }

    [Theory]
    [MemberData(nameof(KnownClients.Binary), MemberType = typeof(KnownClients))]
    public async Task Bytes_pass_both_ways_and_in_acknowledgements_of_both(string library, string transports, string expected)
    {
        byte[] bytes = [0, 1, 4, 0x1E, 127, 128, 255];
        var sent = new { bytes = bytes.Select(b => (int)b) };
        await using var host = await SocketIOHost.StartAsync();
        await using var client = KnownClients.Start(library, transports, host.Url);
        await client.SeeAsync("connect");

        await client.AskAsync("echo bytes", sent, "text", new { inside = new[] { sent } });

        foreach (var what in (string[])["echo", "ack"])
        {
            var seen = await client.SeeAsync(what);
            Assert.Equal(bytes, seen[0].GetProperty("bytes").EnumerateArray().Select(b => b.GetByte()));
            Assert.Equal("text", seen[1].GetString());
            Assert.Equal(bytes, seen[2].GetProperty("inside")[0].GetProperty("bytes").EnumerateArray().Select(b => b.GetByte()));
        }

        var socket = host.Connected.Single();
        socket.Emit(EventMessage.CreateBinary("news", new { data = bytes, note = "x" }));
        var news = await client.SeeAsync("news");
        Assert.Equal(bytes, news[0].GetProperty("data").GetProperty("bytes").EnumerateArray().Select(b => b.GetByte()));
        Assert.Equal(expected, socket.Transport);
    }

    [Theory]
    [InlineData("node 1", "polling,websocket")]
    [InlineData("node 2", "polling,websocket")]
    [InlineData("node 4", "polling,websocket")]
    [InlineData("node 4", "polling")]
    [InlineData("net EIO3", "websocket")]
    [InlineData("net EIO4", "websocket")]
    [InlineData("net EIO4", "polling")]
    public async Task Joins_another_namespace(string library, string transports)
    {
        await using var host = await SocketIOHost.StartAsync(namespaces: "/admin");
        await using var client = KnownClients.Start(library, transports, host.Url + "/admin");

        await client.SeeAsync("hello");
        await client.AskAsync("echo", "in here");
        Assert.Equal("in here", (await client.SeeAsync("echo"))[0][0].GetString());
        await client.SeeAsync("ack");

        var socket = Assert.Single(host.Server.Of("/admin").Sockets);
        Assert.Same(socket, host.Connected.Last());
        socket.Disconnect(closeConnection: false);
        await client.SeeAsync("disconnect");
    }

    /// <summary>NuGet's library says that it has connected before the server has, so its user's first event comes early.</summary>
    [Theory]
    [InlineData(3, "", "polling")]
    [InlineData(3, "", "websocket")]
    [InlineData(3, "/admin", "polling")]
    [InlineData(3, "/admin", "websocket")]
    [InlineData(4, "", "polling")]
    [InlineData(4, "", "websocket")]
    [InlineData(4, "/admin", "polling")]
    [InlineData(4, "/admin", "websocket")]
    public async Task An_event_that_is_sent_before_the_client_is_connected_is_not_lost(int engineIO, string name, string transport)
    {
        await using var host = await SocketIOHost.StartAsync(namespaces: "/admin");
        foreach (var each in (string[])["/", "/admin"])
        {
            host.Server.Of(each).Use(async _ =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(300));
                return null;
            });
        }

        await using var client = ScriptedClient.DotNet(engineIO, host.Url + name, transport, "note");

        await client.SeeAsync("hello");
        await Eventually.TrueAsync(() => host.Notes.Count == 1);
        Assert.Equal("\"at once\"", host.Notes.Single());
    }

    [Theory]
    [MemberData(nameof(KnownClients.All), MemberType = typeof(KnownClients))]
    public async Task Long_texts_pass_both_ways(string library, string transports, string expected)
    {
        // SocketIOClient sends WebSocket messages in fragments of 8 kB.
        var text = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{i},"));
        await using var host = await SocketIOHost.StartAsync();
        await using var client = KnownClients.Start(library, transports, host.Url);
        await client.SeeAsync("connect");

        await client.AskAsync("echo", text);

        Assert.Equal(text, (await client.SeeAsync("echo"))[0][0].GetString());
        Assert.Equal(text, (await client.SeeAsync("ack"))[0].GetProperty("first").GetString());
        Assert.Equal(expected, host.Connected.Single().Transport);
    }
}
