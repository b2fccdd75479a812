namespace LiveRobot.Compatibility.SocketIO;

/// <summary>How every client library in use finds back to a server that was restarted, on each of its ways to connect.</summary>
public sealed class EveryClientRestartTests
{
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
}
