using System.Text.Json;

using LiveRobot.Testing;

namespace LiveRobot.EndToEnd;

/// <summary>A viewer without a browser: the two sockets that the page of a robot opens on the site's origin.</summary>
public sealed class SocketViewer : IAsyncDisposable
{
    private readonly SocketIOPeer _control;
    private readonly SocketIOPeer _chat;
    private readonly string _handle;

    private SocketViewer(SocketIOPeer control, SocketIOPeer chat, string handle)
    {
        _control = control;
        _chat = chat;
        _handle = handle;
    }

    public static async Task<SocketViewer> OpenAsync(Installation installation, RobotCredentials robot)
    {
        var control = await SocketIOPeer.ConnectAsync(new Uri(installation.Url), "/control/socket.io");
        var chat = await SocketIOPeer.ConnectAsync(new Uri(installation.Url), "/chat/socket.io");
        foreach (var socket in new[] { control, chat })
        {
            Assert.True((await socket.AskAsync("select_robot", new { robot_id = robot.Handle })).GetProperty("ok").GetBoolean());
        }

        return new SocketViewer(control, chat, robot.Handle);
    }

    public Task<JsonElement> CommandAsync(string command, string keyPosition) =>
        _control.AskAsync("command_to_robot", new { robot_id = _handle, command, key_position = keyPosition });

    public Task<JsonElement> SayAsync(string message) => _chat.AskAsync("chat_message", new { message, robot_id = _handle });

    public async ValueTask DisposeAsync()
    {
        await _control.DisposeAsync();
        await _chat.DisposeAsync();
    }
}
