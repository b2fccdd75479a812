using global::SocketIO;

using LiveRobot.Testing;

namespace LiveRobot.Compatibility.SocketIO;

/// <summary>Clients that stop reading, whose connection the operating system keeps up.</summary>
public sealed class StoppedClientTests
{
    [Theory]
    [InlineData("python 0.6.5", "polling")]
    [InlineData("python 0.6.5", "websocket")]
    [InlineData("python 5", "websocket")]
    [InlineData("node 1", "websocket")]
    [InlineData("node 2", "polling")]
    [InlineData("node 4", "polling")]
    [InlineData("node 4", "websocket")]
    public async Task A_stopped_process_is_proven_to_read_only_when_it_goes_on(string library, string transport)
    {
        await using var host = await SocketIOHost.StartAsync();
        await using var client = KnownClients.Start(library, transport, host.Url);
        await client.SeeAsync("hello");
        var socket = host.Connected.Single();
        Assert.True(await socket.ProbeAsync().WaitAsync(TimeSpan.FromSeconds(10)));

        await client.StopAsync();
        socket.Emit(EventMessage.Create("news", "while you were stopped"));
        var probe = socket.ProbeAsync();
        await Task.Delay(TimeSpan.FromSeconds(2));
        Assert.False(probe.IsCompleted);
        await client.GoOnAsync();

        Assert.True(await probe.WaitAsync(TimeSpan.FromSeconds(10)));
        await client.SeeAsync("news");
    }

    [Theory]
    [InlineData("python 0.6.5", "polling")]
    [InlineData("python 0.6.5", "websocket")]
    [InlineData("node 4", "polling")]
    [InlineData("node 4", "websocket")]
    public async Task A_stopped_process_is_let_go_when_its_heartbeat_is_overdue_and_its_probe_is_false(string library, string transport)
    {
        await using var host = await SocketIOHost.StartAsync(configure: options =>
        {
            options.PingInterval = TimeSpan.FromSeconds(1);
            options.PingTimeout = TimeSpan.FromSeconds(2);
        });
        await using var client = KnownClients.Start(library, transport, host.Url);
        await client.SeeAsync("hello");
        var socket = host.Connected.Single();

        await client.StopAsync();
        await Task.Delay(TimeSpan.FromSeconds(0.5));
        var probe = socket.ProbeAsync();

        await Eventually.TrueAsync(() => host.Ended.ContainsKey(socket), TimeSpan.FromSeconds(6));
        Assert.Equal(DisconnectReason.HeartbeatTimeout, host.Ended[socket]);
        Assert.False(await probe);
    }

    /// <summary>Killed between two polls, it leaves no connection behind whose end would tell.</summary>
    [Fact]
    public async Task A_killed_process_that_polled_is_noticed_by_its_heartbeat_at_the_latest()
    {
        await using var host = await SocketIOHost.StartAsync(configure: options =>
            (options.PingInterval, options.PingTimeout) = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1)));
        await using var client = KnownClients.Start("python 0.6.5", "polling", host.Url);
        await client.SeeAsync("hello");
        var socket = host.Connected.Single();

        client.Kill();

        await Eventually.TrueAsync(() => host.Ended.ContainsKey(socket));
    }

    [Theory]
    [InlineData("python 0.6.5", "websocket")]
    [InlineData("node 4", "websocket")]
    public async Task A_killed_process_is_noticed_at_once(string library, string transport)
    {
        await using var host = await SocketIOHost.StartAsync();
        await using var client = KnownClients.Start(library, transport, host.Url);
        await client.SeeAsync("hello");
        var socket = host.Connected.Single();

        client.Kill();

        await Eventually.TrueAsync(() => host.Ended.ContainsKey(socket), TimeSpan.FromSeconds(3));
        Assert.Equal(DisconnectReason.TransportClosed, host.Ended[socket]);
    }
}
