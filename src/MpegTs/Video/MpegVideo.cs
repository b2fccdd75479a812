namespace MpegTs;

/// <summary>Looks into MPEG-1 and MPEG-2 video (ISO/IEC 11172-2, 2.4.2; 13818-2, 6.2).</summary>
/// <remarks>
/// <code>
/// 00 00 01 B3   sequence header: width 12 bits, height 12, aspect 4, frame_rate_code 4
/// 00 00 01 B5   extension; identifier 4 bits, 1 = sequence extension, which makes it MPEG-2
/// 00 00 01 B8   group of pictures
/// 00 00 01 00   picture: temporal_reference 10 bits, picture_coding_type 3 (1 = I)
/// 00 00 01 01   to AF: slice
/// </code>
/// </remarks>
internal static class MpegVideo
{
    private const byte Picture = 0x00;
    private const byte LastSlice = 0xAF;
    private const byte SequenceHeader = 0xB3;
    private const byte Extension = 0xB5;
    private const int SequenceExtensionId = 1;
    private const int IntraCoded = 1;

    /// <summary>Frames per second by frame_rate_code (table 6-4).</summary>
    private static readonly double[] FrameRates = [0, 24000 / 1001.0, 24, 25, 30000 / 1001.0, 30, 50, 60000 / 1001.0, 60];

    /// <summary>
    /// Tells whether decoding can begin at this picture: an I-picture behind a sequence header. Null when more bytes are needed.
    /// </summary>
    public static bool? IsKeyframe(ReadOnlySpan<byte> unit, ref VideoFormat? format)
    {
        VideoFormat? announced = null;
        for (var at = StartCodes.Find(unit, 0); at >= 0; at = StartCodes.Find(unit, at + StartCodes.PrefixSize))
        {
            var body = unit[(at + StartCodes.PrefixSize)..];
            if (body.IsEmpty)
            {
                return null;
            }

            switch (body[0])
            {
                case SequenceHeader:
                    if (body.Length < 5)
                    {
                        return null;
                    }

                    announced = ReadSequenceHeader(body);
                    break;
                case Extension when announced is not null:
                    if (body.Length < 7)
                    {
                        return null;
                    }

                    announced = ReadExtension(body, announced);
                    break;
                case Picture:
                    if (body.Length < 3)
                    {
                        return null;
                    }

                    format = announced ?? format;
                    return announced is not null && ((body[2] >> 3) & 0x7) == IntraCoded;
                case <= LastSlice:
                    return false;
            }
        }

        return null;
    }

    private static VideoFormat? ReadSequenceHeader(ReadOnlySpan<byte> body)
    {
        var width = (body[1] << 4) | (body[2] >> 4);
        var height = ((body[2] & 0x0F) << 8) | body[3];
        var code = body[4] & 0x0F;
        return width == 0 || height == 0
            ? null
            : new VideoFormat("mpeg1video", width, height, code > 0 && code < FrameRates.Length ? FrameRates[code] : null);
    }

    /// <summary>The sequence extension adds upper bits to the sizes and a factor to the frame rate (13818-2, 6.2.2.3).</summary>
    private static VideoFormat ReadExtension(ReadOnlySpan<byte> body, VideoFormat format)
    {
        var bits = new BitReader(body[1..], emulationPrevention: false);
        if (bits.ReadBits(4) != SequenceExtensionId)
        {
            return format;
        }

        // profile_and_level, progressive_sequence, chroma_format
        bits.Skip(8 + 1 + 2);
        var width = (int)(bits.ReadBits(2) << 12) | format.Width;
        var height = (int)(bits.ReadBits(2) << 12) | format.Height;

        // bit_rate_extension, marker, vbv_buffer_size_extension, low_delay
        bits.Skip(12 + 1 + 8 + 1);
        var numerator = bits.ReadBits(2) + 1;
        var denominator = bits.ReadBits(5) + 1;
        return new VideoFormat("mpeg2video", width, height, format.FrameRate * numerator / denominator);
    }
}
