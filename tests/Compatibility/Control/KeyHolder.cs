using LiveRobot.Compatibility.SocketIO;
using LiveRobot.Platform.Robots;

namespace LiveRobot.Compatibility.Control;

/// <summary>A viewer in a process of its own (npm's socket.io-client) that holds a key as a browser does: a repeat every 100 ms.</summary>
internal sealed class KeyHolder : IAsyncDisposable
{
    private readonly ScriptedClient _client;
    private readonly string _handle;
    private readonly string _command;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _repeating;

    private KeyHolder(ScriptedClient client, string handle, string command)
    {
        _client = client;
        _handle = handle;
        _command = command;
        _repeating = RepeatAsync();
    }

    public static async Task<KeyHolder> PressAsync(Uri server, Robot robot, string command)
    {
        var client = ScriptedClient.Node(4, server.ToString(), "websocket");
        await client.SeeAsync("connect");
        await client.AskAsync("select_robot", new { robot_id = robot.Handle });
        await client.SeeAsync("ack");
        var holder = new KeyHolder(client, robot.Handle, command);
        await holder.EmitAsync("down");
        return holder;
    }

    public async Task LetGoAsync()
    {
        await StopRepeatingAsync();
        await EmitAsync("up");
    }

    /// <summary>The process is killed while it holds the key.</summary>
    public void Kill() => _client.Kill();

    public async ValueTask DisposeAsync()
    {
        await StopRepeatingAsync();
        await _client.DisposeAsync();
        _end.Dispose();
    }

    private async Task StopRepeatingAsync()
    {
        await _end.CancelAsync();
        await _repeating;
    }

    private async Task RepeatAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                await EmitAsync("intermediate");
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // Let go, or killed.
        }
    }

    private Task EmitAsync(string position) =>
        _client.EmitAsync("command_to_robot", new { robot_id = _handle, command = _command, key_position = position });
}
