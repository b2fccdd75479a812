using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LiveRobot.Testing;

/// <summary>
/// A way to a server on which every byte is kept, both ways. What clients say over WebSockets, which mask it (RFC 6455
/// section 5.3), is kept as they said it.
/// </summary>
public sealed class RecordingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.IPv6Any, 0) { Server = { DualMode = true } };
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly List<MemoryStream> _sent = [];
    private readonly List<MemoryStream> _received = [];
    private readonly Task _accepting;

    public RecordingProxy(int port)
    {
        _listener.Start();
        _accepting = AcceptAsync(port);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Gets all that the clients have sent, a byte a character.</summary>
    public string Sent => string.Join('\n', Copy(_sent).Select(bytes => Encoding.Latin1.GetString(Unmask(bytes))));

    /// <summary>Gets all that the server has sent, a byte a character.</summary>
    public string Received => string.Join('\n', Copy(_received).Select(Encoding.Latin1.GetString));

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _end.Dispose();
    }

    /// <summary>Takes the mask off the frames that follow a request for an upgrade.</summary>
    private static byte[] Unmask(byte[] sent)
    {
        var upgrade = Encoding.Latin1.GetString(sent).IndexOf("Upgrade: websocket", StringComparison.OrdinalIgnoreCase);
        var head = upgrade < 0 ? -1 : sent.AsSpan(upgrade).IndexOf("\r\n\r\n"u8);
        if (head < 0)
        {
            return sent;
        }

        var plain = new MemoryStream();
        var at = upgrade + head + 4;
        plain.Write(sent, 0, at);
        while (at + 6 <= sent.Length)
        {
            // The length takes 7 bits, or 16 or 64 more; then the key, then what it masks.
            long length = sent[at + 1] & 0x7F;
            at += 2;
            var more = length == 126 ? 2 : length == 127 ? 8 : 0;
            if (more > 0)
            {
                length = 0;
                for (var end = at + more; at < end && at < sent.Length; at++)
                {
                    length = (length << 8) | sent[at];
                }
            }

            var key = at;
            at += 4;
            for (var number = 0; number < length && at < sent.Length; number++, at++)
            {
                plain.WriteByte((byte)(sent[at] ^ sent[key + (number % 4)]));
            }

            plain.WriteByte((byte)'\n');
        }

        return plain.ToArray();
    }

    private List<byte[]> Copy(List<MemoryStream> streams)
    {
        lock (_gate)
        {
            return [.. streams.Select(stream => stream.ToArray())];
        }
    }

    private async Task AcceptAsync(int port)
    {
        List<Task> passing = [];
        try
        {
            while (true)
            {
                passing.Add(PassAsync(await _listener.AcceptTcpClientAsync(_end.Token), port));
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
        using (var server = new TcpClient { NoDelay = true })
        {
            client.NoDelay = true;
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, port, _end.Token);
                await Task.WhenAny(
                    PassAsync(client.GetStream(), server.GetStream(), _sent),
                    PassAsync(server.GetStream(), client.GetStream(), _received));
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException)
            {
            }
        }
    }

    private async Task PassAsync(NetworkStream from, NetworkStream to, List<MemoryStream> kept)
    {
        var record = new MemoryStream();
        lock (_gate)
        {
            kept.Add(record);
        }

        var buffer = new byte[8192];
        try
        {
            int count;
            while ((count = await from.ReadAsync(buffer, _end.Token)) > 0)
            {
                lock (_gate)
                {
                    record.Write(buffer, 0, count);
                }

                await to.WriteAsync(buffer.AsMemory(0, count), _end.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or ObjectDisposedException)
        {
        }
    }
}
