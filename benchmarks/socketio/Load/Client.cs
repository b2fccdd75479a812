using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SocketIO.Benchmark;

/// <summary>A client of Engine.IO 4 on a WebSocket, as small as can be, so that the load costs less than the server.</summary>
internal sealed class Client : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Action<ReadOnlyMemory<byte>>? _onPacket;
    private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _out = new byte[512];
    private readonly Lock _sending = new();

    private Client(Action<ReadOnlyMemory<byte>>? onPacket) => _onPacket = onPacket;

    /// <summary>Gets whether the server closed the connection or it broke.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Connects and joins the root namespace, and the room of receivers if asked to.</summary>
    public static async Task<Client> ConnectAsync(int port, bool receives, Action<ReadOnlyMemory<byte>>? onPacket = null)
    {
        var client = new Client(onPacket);
        await client._socket.ConnectAsync(IPAddress.Loopback, port);
        await client._socket.SendAsync(Encoding.ASCII.GetBytes(
            $"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"));
        _ = client.ReceiveAsync(receives);
        await client._joined.Task;
        return client;
    }

    /// <summary>Sends a text message; masked with zeros, which the standard allows and costs nothing.</summary>
    public void Send(ReadOnlySpan<byte> text)
    {
        lock (_sending)
        {
            var header = text.Length < 126 ? 6 : 8;
            _out[0] = 0x81;
            _out[1] = (byte)(0x80 | (text.Length < 126 ? text.Length : 126));
            if (header == 8)
            {
                BinaryPrimitives.WriteUInt16BigEndian(_out.AsSpan(2), (ushort)text.Length);
            }

            _out.AsSpan(header - 4, 4).Clear();
            text.CopyTo(_out.AsSpan(header));
            _socket.Send(_out.AsSpan(0, header + text.Length));
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task ReceiveAsync(bool receives)
    {
        var buffer = new byte[4096];
        var end = 0;
        var isOpen = false;
        try
        {
            while (true)
            {
                var read = await _socket.ReceiveAsync(buffer.AsMemory(end));
                if (read == 0)
                {
                    break;
                }

                end += read;
                var start = 0;
                if (!isOpen)
                {
                    var head = buffer.AsSpan(0, end).IndexOf("\r\n\r\n"u8);
                    if (head < 0)
                    {
                        continue;
                    }

                    isOpen = true;
                    start = head + 4;
                }

                while (TryReadFrame(buffer.AsMemory(start, end - start), out var payload, out var consumed))
                {
                    start += consumed;
                    OnPacket(payload, receives);
                }

                buffer.AsSpan(start, end - start).CopyTo(buffer);
                end -= start;
                if (end == buffer.Length)
                {
                    Array.Resize(ref buffer, 2 * end);
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Told by IsLost.
        }

        IsLost = true;
        _joined.TrySetException(new IOException("The server closed the connection."));
    }

    private void OnPacket(ReadOnlyMemory<byte> packet, bool receives)
    {
        var text = packet.Span;
        if (text.StartsWith("42"u8))
        {
            _onPacket?.Invoke(packet);
        }
        else if (text.SequenceEqual("2"u8))
        {
            Send("3"u8);
        }
        else if (text.StartsWith("0{"u8))
        {
            Send("40"u8);
        }
        else if (text.StartsWith("40"u8) && receives)
        {
            Send("420[\"join\"]"u8);
        }
        else if (text.StartsWith("40"u8) || text.StartsWith("430"u8))
        {
            _joined.TrySetResult();
        }
    }

    private static bool TryReadFrame(ReadOnlyMemory<byte> bytes, out ReadOnlyMemory<byte> payload, out int consumed)
    {
        payload = default;
        consumed = 0;
        var span = bytes.Span;
        if (span.Length < 2 || (span[1] == 126 && span.Length < 4))
        {
            return false;
        }

        var header = span[1] == 126 ? 4 : 2;
        var length = span[1] == 126 ? BinaryPrimitives.ReadUInt16BigEndian(span[2..]) : span[1];
        if (span.Length < header + length)
        {
            return false;
        }

        payload = bytes.Slice(header, length);
        consumed = header + length;
        return true;
    }
}
