using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace WebSockets;

/// <summary>
/// A whole message from the server, encoded as one unmasked frame (RFC 6455 section 5.2). Immutable, so that one frame
/// can be sent to any number of connections from any thread.
/// </summary>
public sealed class WebSocketFrame
{
    private readonly byte[] _bytes;
    private readonly int _headerBytes;

    private WebSocketFrame(Opcode opcode, int payloadBytes)
    {
        _headerBytes = payloadBytes switch { < 126 => 2, <= ushort.MaxValue => 4, _ => 10 };
        _bytes = new byte[_headerBytes + payloadBytes];
        _bytes[0] = (byte)(FrameHeader.FinalBit | (byte)opcode);
        switch (_headerBytes)
        {
            case 2:
                _bytes[1] = (byte)payloadBytes;
                break;
            case 4:
                _bytes[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(_bytes.AsSpan(2), (ushort)payloadBytes);
                break;
            default:
                _bytes[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(_bytes.AsSpan(2), (ulong)payloadBytes);
                break;
        }
    }

    private WebSocketFrame(Opcode opcode, ReadOnlySpan<byte> payload)
        : this(opcode, payload.Length) => payload.CopyTo(_bytes.AsSpan(_headerBytes));

    /// <summary>Gets whether this is a text message; otherwise it is binary (or a control frame of this library).</summary>
    public bool IsText => (Opcode)(_bytes[0] & FrameHeader.OpcodeMask) == Opcode.Text;

    /// <summary>Gets the message without its header.</summary>
    public ReadOnlyMemory<byte> Payload => _bytes.AsMemory(_headerBytes);

    /// <summary>Gets the header and the payload, as they go over the wire.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>Makes a text message. The bytes are copied and must be UTF-8.</summary>
    public static WebSocketFrame Text(ReadOnlySpan<byte> utf8) => new(Opcode.Text, utf8);

    /// <summary>Makes a text message.</summary>
    public static WebSocketFrame Text(string text)
    {
        var frame = new WebSocketFrame(Opcode.Text, Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, frame._bytes.AsSpan(frame._headerBytes));
        return frame;
    }

    /// <summary>Makes a binary message. The bytes are copied.</summary>
    public static WebSocketFrame Binary(ReadOnlySpan<byte> payload) => new(Opcode.Binary, payload);

    /// <summary>Makes a message that <paramref name="write"/> fills in place, which saves a copy.</summary>
    public static WebSocketFrame Create<TState>(bool text, int payloadBytes, TState state, SpanAction<byte, TState> write)
        where TState : allows ref struct
    {
        ArgumentNullException.ThrowIfNull(write);
        ArgumentOutOfRangeException.ThrowIfNegative(payloadBytes);
        var frame = new WebSocketFrame(text ? Opcode.Text : Opcode.Binary, payloadBytes);
        write(frame._bytes.AsSpan(frame._headerBytes), state);
        return frame;
    }

    internal static WebSocketFrame Control(Opcode opcode, ReadOnlySpan<byte> payload) => new(opcode, payload);
}
