using System.Buffers.Binary;

namespace WebSockets;

/// <summary>What <see cref="FrameHeader.Read"/> found.</summary>
internal enum FrameHeaderResult
{
    /// <summary>The bytes end inside the header.</summary>
    NeedMore,

    /// <summary>A whole header.</summary>
    Read,

    /// <summary>The header breaks RFC 6455.</summary>
    Malformed,
}

/// <summary>The header of a frame from a client (RFC 6455 section 5.2).</summary>
/// <remarks>
/// <code>
/// byte 0   FIN RSV1 RSV2 RSV3 opcode(4)
/// byte 1   MASK length(7)      126: 16 bits follow, 127: 64 bits follow
/// then     masking key(32), as every frame from a client is masked
/// </code>
/// </remarks>
internal readonly struct FrameHeader
{
    public const int MaxBytes = 14;
    public const int MaxControlPayloadBytes = 125;
    public const byte FinalBit = 0x80;
    public const byte OpcodeMask = 0x0F;
    private const byte ReservedBits = 0x70;
    private const byte MaskBit = 0x80;

    public required bool IsFinal { get; init; }
    public required Opcode Opcode { get; init; }
    public required long PayloadBytes { get; init; }
    public required uint MaskingKey { get; init; }
    public required int HeaderBytes { get; init; }

    public bool IsControl => ((byte)Opcode & 0x8) != 0;

    public static FrameHeaderResult Read(ReadOnlySpan<byte> bytes, out FrameHeader header)
    {
        header = default;
        if (bytes.Length < 2)
        {
            return FrameHeaderResult.NeedMore;
        }

        var opcode = (Opcode)(bytes[0] & OpcodeMask);
        var isFinal = (bytes[0] & FinalBit) != 0;
        var length = (long)(bytes[1] & 0x7F);
        var isKnown = opcode is Opcode.Continuation or Opcode.Text or Opcode.Binary or Opcode.Close or Opcode.Ping or Opcode.Pong;
        var isControl = ((byte)opcode & 0x8) != 0;
        if (!isKnown || (bytes[0] & ReservedBits) != 0 || (bytes[1] & MaskBit) == 0
            || (isControl && (!isFinal || length > MaxControlPayloadBytes)))
        {
            return FrameHeaderResult.Malformed;
        }

        var headerBytes = length switch { 126 => 8, 127 => 14, _ => 6 };
        if (bytes.Length < headerBytes)
        {
            return FrameHeaderResult.NeedMore;
        }

        if (length == 126)
        {
            length = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        }
        else if (length == 127)
        {
            length = BinaryPrimitives.ReadInt64BigEndian(bytes[2..]);
            if (length < 0)
            {
                return FrameHeaderResult.Malformed;
            }
        }

        header = new FrameHeader
        {
            IsFinal = isFinal,
            Opcode = opcode,
            PayloadBytes = length,
            MaskingKey = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(headerBytes - 4)..]),
            HeaderBytes = headerBytes,
        };
        return FrameHeaderResult.Read;
    }
}
