using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace LiveRobot.VideoRelay.Tests;

/// <summary>A WebSocket client that reads when it is told to, and looks at every byte.</summary>
internal sealed class RawViewer : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly MemoryStream _received = new();
    private Stream _stream = Stream.Null;

    /// <summary>Connects. A small receive buffer makes it stand still soon when it does not read.</summary>
    public static async Task<RawViewer> ConnectAsync(Uri url, bool tls = false, int? receiveBuffer = 8192)
    {
        var viewer = new RawViewer();
        if (receiveBuffer is { } size)
        {
            viewer._socket.ReceiveBufferSize = size;
        }

        await viewer._socket.ConnectAsync(IPAddress.Loopback, url.Port);
        viewer._stream = new NetworkStream(viewer._socket);
        if (tls)
        {
            var encrypted = new SslStream(viewer._stream, leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate?.Subject == "CN=localhost");
            await encrypted.AuthenticateAsClientAsync("localhost");
            viewer._stream = encrypted;
        }

        await viewer._stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET {url.AbsolutePath} HTTP/1.1\r\nHost: {url.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"));
        var answer = new StringBuilder();
        var one = new byte[1];
        while (!answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await viewer._stream.ReadExactlyAsync(one);
            answer.Append((char)one[0]);
        }

        Assert.StartsWith("HTTP/1.1 101 ", answer.ToString(), StringComparison.Ordinal);
        return viewer;
    }

    /// <summary>Gets how many bytes were read behind the answer to the handshake.</summary>
    public long Received => _received.Length;

    /// <summary>Sends a ping with a number.</summary>
    public async Task PingAsync(int number)
    {
        // Masked with a key of zeros.
        byte[] frame = [0x89, 0x84, 0, 0, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(6), number);
        await _stream.WriteAsync(frame);
    }

    /// <summary>Tells, without reading, whether the relay has cut the connection: a ping to a connection that was reset fails.</summary>
    public bool IsReset()
    {
        try
        {
            _socket.Send([0x89, 0x80, 0, 0, 0, 0]);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    /// <summary>Reads for a while, at most so many bytes, or until something holds.</summary>
    public async Task ReadAsync(TimeSpan time, int atMost = int.MaxValue, Func<bool>? until = null)
    {
        using var timeout = new CancellationTokenSource(time);
        var buffer = new byte[65536];
        try
        {
            while (atMost > 0 && until?.Invoke() != true && await _stream.ReadAsync(buffer.AsMemory(0, Math.Min(buffer.Length, atMost)), timeout.Token) is var count and > 0)
            {
                _received.Write(buffer, 0, count);
                atMost -= count;
            }
        }
        catch (OperationCanceledException)
        {
            // Time is up.
        }
    }

    /// <summary>Takes all that was read apart. Fails on anything that is not a whole, unmasked frame after another; the last may be cut.</summary>
    public (List<byte[]> Messages, List<int> Pongs) Frames()
    {
        var (messages, pongs) = (new List<byte[]>(), new List<int>());
        ReadOnlySpan<byte> bytes = _received.ToArray();
        while (bytes.Length >= 10)
        {
            var (header, length) = (bytes[1] & 0x7F) switch
            {
                126 => (4, (int)BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])),
                127 => (10, (int)BinaryPrimitives.ReadInt64BigEndian(bytes[2..])),
                var small => (2, small),
            };
            if (bytes.Length < header + length)
            {
                break;
            }

            switch (bytes[0])
            {
                case 0x82:
                    messages.Add(bytes.Slice(header, length).ToArray());
                    break;
                case 0x8A:
                    pongs.Add(length == 4 ? BinaryPrimitives.ReadInt32BigEndian(bytes[header..]) : -1);
                    break;
                default:
                    Assert.Fail($"No frame begins with 0x{bytes[0]:X2}.");
                    break;
            }

            bytes = bytes[(header + length)..];
        }

        return (messages, pongs);
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
        _received.Dispose();
    }
}
