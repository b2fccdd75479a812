using global::SocketIO;

using LiveRobot.Testing;

namespace LiveRobot.Compatibility.SocketIO;

/// <summary>How connections of every client library in use last and end, on each of its ways to connect.</summary>
public sealed class EveryClientLifetimeTests
{
    [Theory]
    [MemberData(nameof(KnownClients.All), MemberType = typeof(KnownClients))]
    public async Task Sees_the_server_disconnect_it_and_is_seen_leaving(string library, string transports, string expected)
    {
        await using var host = await SocketIOHost.StartAsync();
        await using (var kicked = KnownClients.Start(library, transports, host.Url))
        {
            await kicked.SeeAsync("hello");
            var socket = Assert.Single(host.Connected);
            await Eventually.TrueAsync(() => socket.Transport == expected);
            socket.Emit(EventMessage.Create("news", "last words"));
            socket.Disconnect();

            await kicked.SeeAsync("news");
            await kicked.SeeAsync("disconnect");
            Assert.Equal(DisconnectReason.ServerDisconnected, host.Ended[socket]);
        }

        await using var leaver = KnownClients.Start(library, transports, host.Url);
        await leaver.SeeAsync("hello");
        var left = host.Connected.Last();
        await leaver.DisconnectAsync();
        await Eventually.TrueAsync(() => host.Ended.ContainsKey(left));
        Assert.Contains(host.Ended[left], (DisconnectReason[])[DisconnectReason.ClientDisconnected, DisconnectReason.TransportClosed]);
        Assert.DoesNotContain(left, host.Server.Root.Sockets);
    }

    [Theory]
    [MemberData(nameof(KnownClients.All), MemberType = typeof(KnownClients))]
    public async Task Is_well_again_after_the_server_was_restarted(string library, string transports, string expected)
    {
        var host = await SocketIOHost.StartAsync();
        await using var client = KnownClients.Start(library, transports, host.Url);
        await client.SeeAsync("hello");
        await client.EmitAsync("echo", "before");
        await client.SeeAsync("echo");
        var port = host.Port;

        await host.DisposeAsync();
        Assert.All(host.Connected, socket => Assert.True(host.Ended.ContainsKey(socket)));
        if (library != "python 0.6.5")
        {
            // That library tells only a subclass, not a handler, when it has lost its connection.
            await client.SeeAsync("disconnect");
        }

        await using var again = await SocketIOHost.StartAsync(port);

        await client.SeeAsync("hello");
        await client.AskAsync("echo", "after");
        Assert.Equal("after", (await client.SeeAsync("echo"))[0][0].GetString());
        await client.SeeAsync("ack");
        Assert.Equal(expected, again.Connected.Last().Transport);
    }

    [Theory]
    [MemberData(nameof(KnownClients.All), MemberType = typeof(KnownClients))]
    public async Task Stays_connected_over_many_heartbeats(string library, string transports, string expected)
    {
        await using var host = await SocketIOHost.StartAsync(configure: options =>
        {
            options.PingInterval = TimeSpan.FromMilliseconds(300);
            options.PingTimeout = TimeSpan.FromSeconds(10);
        });
        await using var client = KnownClients.Start(library, transports, host.Url);
        await client.SeeAsync("hello");

        await Task.Delay(TimeSpan.FromSeconds(3.5));

        var socket = Assert.Single(host.Connected);
        Assert.True(socket.IsConnected);
        await client.AskAsync("echo", "alive");
        await client.SeeAsync("ack");
        Assert.Equal(expected, socket.Transport);
    }
}
