using System.Net.WebSockets;

using LiveRobot.Platform.Chat;
using LiveRobot.Testing;

namespace LiveRobot.ChatSocket.Tests;

/// <summary>The chat socket while PostgreSQL is away.</summary>
public sealed class StoreAwayTests : IDisposable
{
    private readonly PostgresServer _server = PostgresServer.Start();

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task A_line_that_cannot_be_stored_is_refused_and_those_that_were_acknowledged_are_there_when_it_is_back()
    {
        var settings = new Dictionary<string, string?> { ["Storage:Postgres"] = $"{_server.TakeDatabase()};Timeout=1;Command Timeout=1", ["RobotSpeech:AnswerTime"] = "00:10:00" };
        await using var host = await ServiceHost.StartAsync(builder => builder.AddChatSocket(), endpoints => endpoints.MapChatSocket(), settings);
        var robot = await host.Robots.AddAsync("Rover", "alice");
        await using var viewer = await SocketIOPeer.ConnectAsync(host.Address);
        Assert.True((await viewer.AskAsync("select_robot", "rover")).GetProperty("ok").GetBoolean());
        Assert.True((await viewer.AskAsync("chat_message", new { message = "before" })).GetProperty("ok").GetBoolean());

        _server.Kill();
        var refused = await viewer.AskAsync("chat_message", new { message = "lost" });
        Assert.Equal((false, "failed"), (refused.GetProperty("ok").GetBoolean(), refused.GetProperty("code").GetString()));
        Assert.Null(await host.Get<RobotVoice>().SayAsync(robot, "lost"));

        // Whoever comes now is sent away in the way that has them come again.
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await ComeAsync(host.Port));
        Assert.True(viewer.IsConnected);

        _server.StartAgain();
        await Eventually.TrueAsync(async () => (await viewer.AskAsync("chat_message", new { message = "after" })).GetProperty("ok").GetBoolean());
        await using var newcomer = await SocketIOPeer.ConnectAsync(host.Address);
        await newcomer.AskAsync("select_robot", "rover");
        var history = await newcomer.WaitForAsync("chat_history");
        Assert.Equal(["[Rover] before", "[Rover] after"], history.EnumerateArray().Select(line => line.GetProperty("message").GetString()));
    }

    /// <summary>Joins the root namespace, and gives how the connection was closed then.</summary>
    private static async Task<WebSocketCloseStatus?> ComeAsync(int port)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri($"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket"), patience.Token);
        await client.SendAsync("40"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, patience.Token);
        while ((await client.ReceiveAsync(new byte[4_096], patience.Token)).MessageType != WebSocketMessageType.Close)
        {
            // The handshake.
        }

        return client.CloseStatus;
    }
}
