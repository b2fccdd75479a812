namespace LiveRobot.Compatibility.SocketIO;

/// <summary>How connections of every client library in use last, on each of its ways to connect.</summary>
public sealed class EveryClientHeartbeatTests
{
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
