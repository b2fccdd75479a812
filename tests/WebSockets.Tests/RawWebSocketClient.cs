using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace WebSockets.Tests;

/// <summary>A client that speaks in bytes, so that a test can send what no library would, at the pace it wants.</summary>
internal sealed class RawWebSocketClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly TcpClient _tcp = new();
    private NetworkStream? _stream;

    public TcpClient Tcp => _tcp;

    /// <summary>Connects, sends the handshake and returns the answer's head.</summary>
    public async Task<string> ConnectAsync(int port, string path = "/", string? request = null, int receiveBufferBytes = 0)
    {
        if (receiveBufferBytes > 0)
        {
            _tcp.ReceiveBufferSize = receiveBufferBytes;
        }

        await _tcp.ConnectAsync(IPAddress.Loopback, port);
        _stream = _tcp.GetStream();
        request ??= $"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
        await SendRawAsync(Encoding.Latin1.GetBytes(request));
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append((char)(await ReadExactlyAsync(1))[0]);
        }

        return head.ToString();
    }

    public Task SendRawAsync(byte[] bytes) => _stream!.WriteAsync(bytes).AsTask().WaitAsync(Patience);

    public Task SendAsync(byte firstByte, byte[] payload) => SendRawAsync(Frame(firstByte, payload));

    public Task SendTextAsync(string text) => SendAsync(0x81, Encoding.UTF8.GetBytes(text));

    /// <summary>Encodes a masked frame; the first byte is FIN, RSV and opcode.</summary>
    public static byte[] Frame(byte firstByte, byte[] payload)
    {
        var header = payload.Length switch { < 126 => 2, <= ushort.MaxValue => 4, _ => 10 };
        var frame = new byte[header + 4 + payload.Length];
        frame[0] = firstByte;
        frame[1] = (byte)(0x80 | (header == 2 ? payload.Length : header == 4 ? 126 : 127));
        if (header == 4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
        }
        else if (header == 10)
        {
            BinaryPrimitives.WriteInt64BigEndian(frame.AsSpan(2), payload.Length);
        }

        byte[] key = [0x37, 0xfa, 0x21, 0x3d];
        key.CopyTo(frame, header);
        for (var i = 0; i < payload.Length; i++)
        {
            frame[header + 4 + i] = (byte)(payload[i] ^ key[i % 4]);
        }

        return frame;
    }

    /// <summary>Reads one frame of the server, which must not be masked.</summary>
    public async Task<(byte FirstByte, byte[] Payload)> ReceiveAsync()
    {
        var head = await ReadExactlyAsync(2);
        Assert.Equal(0, head[1] & 0x80);
        var length = head[1] switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(await ReadExactlyAsync(2)),
            127 => (int)BinaryPrimitives.ReadInt64BigEndian(await ReadExactlyAsync(8)),
            var few => few,
        };
        return (head[0], await ReadExactlyAsync(length));
    }

    public async Task<string> ReceiveTextAsync()
    {
        var (firstByte, payload) = await ReceiveAsync();
        Assert.Equal(0x81, firstByte);
        return Encoding.UTF8.GetString(payload);
    }

    /// <summary>Receives a close frame and returns its code.</summary>
    public async Task<int> ReceiveCloseAsync()
    {
        var (firstByte, payload) = await ReceiveAsync();
        Assert.Equal(0x88, firstByte);
        return BinaryPrimitives.ReadUInt16BigEndian(payload);
    }

    /// <summary>Reads to the end of the connection and returns the bytes that still came; a reset counts as an end.</summary>
    public async Task<byte[]> ReceiveToEndAsync()
    {
        using var rest = new MemoryStream();
        try
        {
            await _stream!.CopyToAsync(rest).WaitAsync(Patience);
        }
        catch (IOException)
        {
            // Reset by the server.
        }

        return rest.ToArray();
    }

    public void Dispose() => _tcp.Dispose();

    private async Task<byte[]> ReadExactlyAsync(int count)
    {
        var bytes = new byte[count];
        await _stream!.ReadExactlyAsync(bytes).AsTask().WaitAsync(Patience);
        return bytes;
    }
}
