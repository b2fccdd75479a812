using global::SocketIO;

using LiveRobot.Testing;

namespace LiveRobot.Compatibility.SocketIO;

/// <summary>How connections of every client library in use end, on each of its ways to connect.</summary>
public sealed class EveryClientEndTests
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
}
