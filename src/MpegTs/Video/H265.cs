namespace MpegTs;

/// <summary>Looks into H.265 byte streams (ITU-T H.265, 7.3 and annex B).</summary>
/// <remarks>A NAL unit begins with 00 00 01 and two bytes: forbidden_zero_bit 1 bit, nal_unit_type 6, nuh_layer_id 6, temporal id 3.</remarks>
internal static class H265
{
    private const int FirstRandomAccess = 16;
    private const int LastRandomAccess = 23;
    private const int LastSlice = 31;
    private const int SequenceParameterSet = 33;
    private const int HeaderSize = 2;
    private const int MaxDimension = 16384;

    /// <summary>Tells whether decoding can begin at this access unit: an intra random access point. Null when more bytes are needed.</summary>
    public static bool? IsKeyframe(ReadOnlySpan<byte> unit, bool whole, ref VideoFormat? format)
    {
        var at = StartCodes.Find(unit, 0);
        while (at >= 0)
        {
            var nal = unit[(at + StartCodes.PrefixSize)..];
            if (nal.IsEmpty)
            {
                break;
            }

            var type = (nal[0] >> 1) & 0x3F;
            if (type <= LastSlice)
            {
                return type is >= FirstRandomAccess and <= LastRandomAccess;
            }

            var next = StartCodes.Find(unit, at + StartCodes.PrefixSize);
            if (next < 0 && !whole)
            {
                return null;
            }

            nal = next < 0 ? nal : unit[(at + StartCodes.PrefixSize)..next];
            if (type == SequenceParameterSet && nal.Length > HeaderSize)
            {
                format = ReadSequenceParameterSet(nal[HeaderSize..], format) ?? format;
            }

            at = next;
        }

        return whole ? false : null;
    }

    /// <summary>Reads the size of the picture (7.3.2.2); the timing lies behind structures of any length and is left out.</summary>
    private static VideoFormat? ReadSequenceParameterSet(ReadOnlySpan<byte> payload, VideoFormat? before)
    {
        var bits = new BitReader(payload, emulationPrevention: true);
        bits.Skip(4);
        var subLayers = (int)bits.ReadBits(3);
        bits.Skip(1);
        SkipProfileTierLevel(ref bits, subLayers);
        bits.ReadUe();
        var chromaFormat = bits.ReadUe();
        if (chromaFormat == 3 && bits.ReadFlag())
        {
            chromaFormat = 0;
        }

        long width = bits.ReadUe();
        long height = bits.ReadUe();
        if (bits.ReadFlag())
        {
            var unitX = chromaFormat is 1 or 2 ? 2 : 1;
            var unitY = chromaFormat == 1 ? 2 : 1;
            width -= unitX * ((long)bits.ReadUe() + bits.ReadUe());
            height -= unitY * ((long)bits.ReadUe() + bits.ReadUe());
        }

        return bits.Overrun || width is <= 0 or > MaxDimension || height is <= 0 or > MaxDimension
            ? null
            : new VideoFormat("hevc", (int)width, (int)height, before?.FrameRate);
    }

    private static void SkipProfileTierLevel(ref BitReader bits, int subLayers)
    {
        const int ProfileBits = 88;
        const int LevelBits = 8;
        bits.Skip(ProfileBits + LevelBits);
        Span<bool> present = stackalloc bool[2 * 8];
        for (var layer = 0; layer < subLayers; layer++)
        {
            present[2 * layer] = bits.ReadFlag();
            present[(2 * layer) + 1] = bits.ReadFlag();
        }

        if (subLayers > 0)
        {
            bits.Skip(2 * (8 - subLayers));
        }

        for (var layer = 0; layer < subLayers; layer++)
        {
            bits.Skip(present[2 * layer] ? ProfileBits : 0);
            bits.Skip(present[(2 * layer) + 1] ? LevelBits : 0);
        }
    }
}
