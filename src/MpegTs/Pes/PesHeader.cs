using System.Buffers.Binary;

namespace MpegTs;

/// <summary>The header of a PES packet (ISO/IEC 13818-1, 2.4.3.6).</summary>
/// <remarks>
/// <code>
/// packet_start_code_prefix  24 bits, 00 00 01
/// stream_id                  8
/// PES_packet_length         16: what follows these 6 bytes; 0 when it is not told, which only video may do
/// flags                     16: of them PTS_DTS_flags the upper two of the second byte
/// PES_header_data_length     8
/// PTS, DTS                  40 each, 33 bits of ticks of 1/90,000 s with marker bits between
/// </code>
/// </remarks>
/// <param name="StreamId">The kind and number of the stream; 0xE0 to 0xEF are video, 0xC0 to 0xDF audio.</param>
/// <param name="PacketLength">The length of the PES packet from its first byte on, or null when it is not told.</param>
/// <param name="HeaderLength">The length of the header in bytes: where the elementary stream begins.</param>
/// <param name="Pts">When to show it, in ticks of 1/90,000 s modulo 2³³, if told.</param>
/// <param name="Dts">When to decode it, if that is another time than <paramref name="Pts"/>.</param>
public readonly record struct PesHeader(byte StreamId, int? PacketLength, int HeaderLength, long? Pts, long? Dts)
{
    /// <summary>The longest header.</summary>
    public const int MaxSize = OptionalFixedSize + byte.MaxValue;

    private const int FixedSize = 6;
    private const int OptionalFixedSize = 9;
    private const int TimestampSize = 5;

    /// <summary>Reads a header from the start of a PES packet.</summary>
    /// <param name="bytes">The PES packet, or the beginning of it.</param>
    /// <param name="header">The header, when the result is <see cref="PesHeaderResult.Complete"/>.</param>
    public static PesHeaderResult TryRead(ReadOnlySpan<byte> bytes, out PesHeader header)
    {
        header = default;
        ReadOnlySpan<byte> prefix = [0, 0, 1];
        var compared = Math.Min(prefix.Length, bytes.Length);
        if (!bytes[..compared].SequenceEqual(prefix[..compared]))
        {
            return PesHeaderResult.Malformed;
        }

        if (bytes.Length < FixedSize)
        {
            return PesHeaderResult.NeedsMore;
        }

        var streamId = bytes[3];
        int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
        int? packetLength = length == 0 ? null : FixedSize + length;
        if (!HasOptionalHeader(streamId))
        {
            header = new PesHeader(streamId, packetLength, FixedSize, null, null);
            return PesHeaderResult.Complete;
        }

        if (bytes.Length < OptionalFixedSize)
        {
            return PesHeaderResult.NeedsMore;
        }

        var headerLength = OptionalFixedSize + bytes[8];
        if ((bytes[6] & 0xC0) != 0x80 || packetLength < headerLength)
        {
            return PesHeaderResult.Malformed;
        }

        if (bytes.Length < headerLength)
        {
            return PesHeaderResult.NeedsMore;
        }

        var timestamps = bytes[OptionalFixedSize..headerLength];
        var flags = bytes[7] >> 6;
        var pts = (flags & 0b10) != 0 ? ReadTimestamp(timestamps) : null;
        var dts = flags == 0b11 && timestamps.Length >= TimestampSize ? ReadTimestamp(timestamps[TimestampSize..]) : null;
        header = new PesHeader(streamId, packetLength, headerLength, pts, dts);
        return PesHeaderResult.Complete;
    }

    /// <summary>Program stream map, padding, private stream 2, ECM, EMM, DSM-CC, H.222.1 type E and directory have none (table 2-21).</summary>
    private static bool HasOptionalHeader(byte streamId) => streamId is not (0xBC or 0xBE or 0xBF or 0xF0 or 0xF1 or 0xF2 or 0xF8 or 0xFF);

    private static long? ReadTimestamp(ReadOnlySpan<byte> bytes) =>
        bytes.Length < TimestampSize
            ? null
            : ((long)(bytes[0] & 0x0E) << 29) | ((long)bytes[1] << 22) | ((long)(bytes[2] & 0xFE) << 14) | ((long)bytes[3] << 7) | ((long)bytes[4] >> 1);
}

/// <summary>How reading a PES header went.</summary>
public enum PesHeaderResult
{
    /// <summary>The header is read.</summary>
    Complete,

    /// <summary>The header is longer than what is there.</summary>
    NeedsMore,

    /// <summary>These bytes are no PES packet, whatever follows.</summary>
    Malformed,
}
