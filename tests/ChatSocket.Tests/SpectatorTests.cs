using System.Text.Json;

using LiveRobot.Platform.Control;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.ChatSocket.Tests;

/// <summary>Who comes by a link for spectators and tries to speak all the same. The robot is Olga's, and private.</summary>
public sealed class SpectatorTests : IAsyncLifetime
{
    private ServiceHost _host = null!;
    private Robot _robot = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await ServiceHost.StartAsync(builder => builder.AddChatSocket(), endpoints => endpoints.MapChatSocket());
        _robot = await _host.Robots.AddAsync("Rover", "olga", Visibility.Private);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_spectator_reads_the_chat_and_says_nothing_not_even_as_the_owner_or_to_another_robot()
    {
        await _host.Robots.AddAsync("Other", "olga");
        var token = await _host.Get<ViewingTokens>().IssueAsync(_robot.Handle, TimeSpan.FromDays(1), forSpectators: true);
        await using var olga = await SocketIOPeer.ConnectAsync(_host.Address, cookie: await _host.SignInAsync("olga"));
        await olga.AskAsync("select_robot", new { robot_id = _robot.Handle });

        await using var stranger = await SocketIOPeer.ConnectAsync(_host.Address, token: token);
        await using var owner = await SocketIOPeer.ConnectAsync(_host.Address, token: token, cookie: await _host.SignInAsync("olga"));
        foreach (var spectator in new[] { stranger, owner })
        {
            Assert.True((await spectator.AskAsync("select_robot", new { robot_id = _robot.Handle })).GetProperty("ok").GetBoolean());
            Assert.Equal("spectator", await CodeAsync(spectator, new { message = "hello" }));
            Assert.Equal("spectator", await CodeAsync(spectator, new { message = ".stop" }));
            Assert.Equal("spectator", await CodeAsync(spectator, new { message = "hello", robot_id = "other" }));
        }

        await olga.AskAsync("chat_message", new { message = "welcome" });

        Assert.Equal("[Rover] welcome", (await stranger.WaitForAsync("chat_message_with_name")).GetProperty("message").GetString());
        Assert.Null((await _host.Get<ControlRulesStore>().FindAsync(_robot.Handle)).Closed);
        Assert.Single(olga.Received, received => received.Name == "chat_message_with_name");
    }

    private static async Task<string?> CodeAsync(SocketIOPeer peer, object argument) =>
        (await peer.AskAsync("chat_message", argument)) is { ValueKind: JsonValueKind.Object } answer && answer.TryGetProperty("code", out var code) ? code.GetString() : "ok";
}
