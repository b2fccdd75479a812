using System.Net;
using System.Net.Sockets;

namespace LiveRobot.RobotClient.Tests;

/// <summary>
/// A way to a server that can die as networks do: connections stay open, and nothing passes any more. Without a
/// server behind it, it accepts and never answers.
/// </summary>
internal sealed class DeafNetwork : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;
    private volatile bool _isDeaf;
    private int _connections;

    public DeafNetwork(int? port = null)
    {
        _isDeaf = port is null;
        _listener.Start();
        _accepting = AcceptAsync(port ?? 0);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Connections => _connections;

    public void GoDeaf() => _isDeaf = true;

    public void HearAgain() => _isDeaf = false;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync(int port)
    {
        List<Task> passing = [];
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                Interlocked.Increment(ref _connections);
                passing.Add(PassAsync(client, port));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(passing);
        }
    }

    private async Task PassAsync(TcpClient client, int port)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                if (_isDeaf)
                {
                    await Task.Delay(Timeout.Infinite, _end.Token);
                }

                await server.ConnectAsync(IPAddress.Loopback, port, _end.Token);
                await Task.WhenAny(PassAsync(client.GetStream(), server.GetStream()), PassAsync(server.GetStream(), client.GetStream()));
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException)
            {
            }
        }
    }

    private async Task PassAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[8192];
        try
        {
            int count;
            while ((count = await from.ReadAsync(buffer, _end.Token)) > 0)
            {
                if (_isDeaf)
                {
                    await Task.Delay(Timeout.Infinite, _end.Token);
                }

                await to.WriteAsync(buffer.AsMemory(0, count), _end.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
        }
    }
}
