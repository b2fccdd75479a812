using System.Net;
using System.Net.Sockets;

namespace LiveRobot.Testing;

/// <summary>
/// A way to a server that can die as networks do: connections stay open and nothing passes any more, or they are cut.
/// Without a server behind it, it accepts and never answers.
/// </summary>
public sealed class DeafNetwork : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;
    private Cutting _cut = new();
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

    /// <summary>Cuts all connections there are: at both ends, or so that the server's stay open.</summary>
    public void Cut(bool atServer = true)
    {
        var cut = Interlocked.Exchange(ref _cut, new Cutting());
        cut.IsAtServer = atServer;
        cut.Cancel();
    }

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
        using var server = new TcpClient();
        var cut = _cut;
        using (client)
        using (var end = CancellationTokenSource.CreateLinkedTokenSource(_end.Token, cut.Token))
        {
            try
            {
                if (_isDeaf)
                {
                    await Task.Delay(Timeout.Infinite, end.Token);
                }

                await server.ConnectAsync(IPAddress.Loopback, port, end.Token);
                await Task.WhenAny(
                    PassAsync(client.GetStream(), server.GetStream(), end.Token),
                    PassAsync(server.GetStream(), client.GetStream(), end.Token));
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException)
            {
            }
        }

        if (!cut.IsAtServer)
        {
            await Task.Delay(Timeout.Infinite, _end.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }

    private async Task PassAsync(NetworkStream from, NetworkStream to, CancellationToken end)
    {
        var buffer = new byte[8192];
        try
        {
            int count;
            while ((count = await from.ReadAsync(buffer, end)) > 0)
            {
                if (_isDeaf)
                {
                    await Task.Delay(Timeout.Infinite, end);
                }

                await to.WriteAsync(buffer.AsMemory(0, count), end);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
        }
    }

    private sealed class Cutting : CancellationTokenSource
    {
        public bool IsAtServer { get; set; } = true;
    }
}
