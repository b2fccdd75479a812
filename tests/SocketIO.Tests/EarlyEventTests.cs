using LiveRobot.Testing;

namespace SocketIO.Tests;

/// <summary>Events that reach the server before their client is in the namespace.</summary>
public sealed class EarlyEventTests
{
    private readonly List<string> _heard = [];

    [Fact]
    public async Task While_middleware_is_asked_they_wait()
    {
        var gate = new TaskCompletionSource();
        await using var server = await StartAsync();
        server.Server.Root.Use(async _ =>
        {
            await gate.Task;
            return null;
        });
        using var client = await WebSocketTests.OpenAsync(server, 4);

        await client.SendTextAsync("40");
        await client.SendTextAsync("""42["e",1]""");
        await client.SendTextAsync("""420["e",2]""");
        await client.SendTextAsync("40/other,");
        Assert.StartsWith("40/other,", await client.ReceiveTextAsync());
        Assert.Empty(_heard);
        gate.SetResult();

        Assert.StartsWith("40{", await client.ReceiveTextAsync());
        Assert.Equal("430[]", await client.ReceiveTextAsync());
        Assert.Equal(["/ [1]", "/ [2]"], _heard);
    }

    [Fact]
    public async Task In_revision_4_they_wait_for_the_client_to_ask_for_their_namespace()
    {
        await using var server = await StartAsync();
        using var client = await WebSocketTests.OpenAsync(server, 3);
        Assert.Equal("40", await client.ReceiveTextAsync());

        await client.SendTextAsync("""42/other,["e",1]""");
        await client.SendTextAsync("""42["e","root"]""");
        await client.SendTextAsync("""451-/other,["e",{"_placeholder":true,"num":0}]""");
        await client.SendAsync(0x82, [4, 1, 2, 3]);
        await client.SendTextAsync("""42/other,7["e",2]""");
        await client.SendTextAsync("40/other,");

        // The answer may come before the acknowledgement or after it: the events run once the socket is set up.
        string[] answers = [await client.ReceiveTextAsync(), await client.ReceiveTextAsync()];
        Assert.Equal(["40/other", "43/other,7[]"], answers.Order().Select(answer => answer.TrimEnd(',')));
        Assert.Equal(["/ [\"root\"]", "/other [1]", "/other [{\"_placeholder\":true,\"num\":0}] 3 bytes", "/other [2]"], _heard);
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public async Task In_revision_4_they_wait_up_to_MaxPendingBytes(int count, bool isAllowed)
    {
        // Each counts with 256 bytes, its JSON of 12 + 100 and the name of 6.
        await using var server = await StartAsync(new SocketIOOptions { MaxPendingBytes = 1200 });
        using var client = await WebSocketTests.OpenAsync(server, 3);
        Assert.Equal("40", await client.ReceiveTextAsync());

        for (var i = 0; i < count; i++)
        {
            await client.SendTextAsync($"42/other,[\"e\",\"{new string('x', 100)}\"]");
        }

        if (isAllowed)
        {
            await client.SendTextAsync("40/other,");
            Assert.StartsWith("40/other", await client.ReceiveTextAsync());
            await Eventually.TrueAsync(() => _heard.Count == count);
        }
        else
        {
            Assert.Equal(DisconnectReason.LimitExceeded, await server.EndAsync(await server.SocketAsync()));
        }
    }

    [Fact]
    public async Task In_revision_4_a_malformed_one_ends_the_session_when_its_namespace_is_joined()
    {
        await using var server = await StartAsync();
        using var client = await WebSocketTests.OpenAsync(server, 3);
        Assert.Equal("40", await client.ReceiveTextAsync());

        await client.SendTextAsync("""42/other,{"e":1}""");
        await client.SendTextAsync("40/other,");

        Assert.Equal(DisconnectReason.ProtocolError, await server.EndAsync(await server.SocketAsync()));
    }

    [Fact]
    public async Task In_revision_5_one_for_a_namespace_that_was_never_asked_for_ends_the_session()
    {
        await using var server = await StartAsync();
        using var client = await WebSocketTests.ConnectAsync(server);

        await client.SendTextAsync("""42/other,["e"]""");

        Assert.Equal(1008, await client.ReceiveCloseAsync());
        Assert.Equal(DisconnectReason.ProtocolError, await server.EndAsync(await server.SocketAsync()));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Those_that_cross_a_refusal_or_a_disconnect_are_dropped(int version)
    {
        await using var server = await StartAsync();
        using var client = await WebSocketTests.OpenAsync(server, version);
        if (version == 4)
        {
            await client.SendTextAsync("40");
        }

        Assert.StartsWith("40", await client.ReceiveTextAsync());
        await client.SendTextAsync("40/closed,");
        Assert.StartsWith("44/closed", await client.ReceiveTextAsync());
        await client.SendTextAsync("40/unknown,");
        Assert.StartsWith("44/unknown", await client.ReceiveTextAsync());
        await client.SendTextAsync("40/other,");
        Assert.StartsWith("40/other", await client.ReceiveTextAsync());
        server.Server.Of("/other").Sockets.Single().Disconnect(closeConnection: false);
        Assert.StartsWith("41/other", await client.ReceiveTextAsync());

        foreach (var name in (string[])["/closed", "/unknown", "/other"])
        {
            await client.SendTextAsync($"42{name},[\"e\",1]");
        }

        await client.SendTextAsync("40/other,");
        Assert.StartsWith("40/other", await client.ReceiveTextAsync());
        await client.SendTextAsync("""42/other,5["e",2]""");
        Assert.Equal("43/other,5[]", await client.ReceiveTextAsync());
        Assert.Equal(["/other [2]"], _heard);
    }

    private async Task<TestServer> StartAsync(SocketIOOptions? options = null)
    {
        var server = await TestServer.StartAsync(options);
        foreach (var name in (string[])["/", "/other", "/closed"])
        {
            server.Server.Of(name).OnConnection(socket => socket.On("e", e =>
            {
                lock (_heard)
                {
                    _heard.Add($"{name} {System.Text.Encoding.UTF8.GetString(e.Json.Span)}{(e.Attachments is [var bytes] ? $" {bytes.Length} bytes" : "")}");
                }

                e.Acknowledge();
            }));
        }

        server.Server.Of("/closed").Use(_ => ValueTask.FromResult<ConnectRefusal?>(new ConnectRefusal("Closed")));
        return server;
    }
}
