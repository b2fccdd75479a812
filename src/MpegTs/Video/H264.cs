namespace MpegTs;

/// <summary>Looks into H.264 byte streams (ITU-T H.264, 7.3 and annex B).</summary>
/// <remarks>A NAL unit begins with 00 00 01 and a byte: forbidden_zero_bit 1 bit, nal_ref_idc 2, nal_unit_type 5.</remarks>
internal static class H264
{
    private const int NonIdrSlice = 1;
    private const int SlicePartitionA = 2;
    private const int IdrSlice = 5;
    private const int Sei = 6;
    private const int SequenceParameterSet = 7;

    /// <summary>The SEI message that says: whoever begins here sees right pictures after so many frames (D.1.8).</summary>
    private const int RecoveryPoint = 6;

    /// <summary>A picture larger than any level allows is a damaged parameter set.</summary>
    private const int MaxDimension = 16384;

    /// <summary>
    /// Tells whether decoding can begin at this access unit: an IDR picture, or one with a recovery point, which is
    /// what encoders with intra refresh or open groups of pictures send instead. Null when more bytes are needed.
    /// </summary>
    public static bool? IsKeyframe(ReadOnlySpan<byte> unit, bool whole, ref VideoFormat? format)
    {
        var recovery = false;
        var at = StartCodes.Find(unit, 0);
        while (at >= 0)
        {
            var nal = unit[(at + StartCodes.PrefixSize)..];
            if (nal.IsEmpty)
            {
                break;
            }

            switch (nal[0] & 0x1F)
            {
                case IdrSlice:
                    return true;
                case NonIdrSlice or SlicePartitionA:
                    return recovery;
            }

            var next = StartCodes.Find(unit, at + StartCodes.PrefixSize);
            if (next < 0 && !whole)
            {
                return null;
            }

            nal = next < 0 ? nal : unit[(at + StartCodes.PrefixSize)..next];
            switch (nal[0] & 0x1F)
            {
                case Sei:
                    recovery |= HasRecoveryPoint(nal[1..]);
                    break;
                case SequenceParameterSet:
                    format = ReadSequenceParameterSet(nal[1..]) ?? format;
                    break;
            }

            at = next;
        }

        return whole ? recovery : null;
    }

    /// <summary>Looks through the messages of an SEI NAL unit: type and size, each in bytes of which 255 means "and more" (7.3.2.3.1).</summary>
    private static bool HasRecoveryPoint(ReadOnlySpan<byte> payload)
    {
        var bits = new BitReader(payload, emulationPrevention: true);
        while (!bits.Overrun && !bits.AtEnd)
        {
            var type = ReadVariableLength(ref bits);
            if (type == RecoveryPoint && !bits.Overrun)
            {
                return true;
            }

            bits.Skip(8 * Math.Min(ReadVariableLength(ref bits), payload.Length));
        }

        return false;
    }

    private static int ReadVariableLength(ref BitReader bits)
    {
        var value = 0;
        uint next;
        do
        {
            next = bits.ReadBits(8);
            value += (int)next;
        }
        while (next == 0xFF && !bits.Overrun);

        return value;
    }

    private static VideoFormat? ReadSequenceParameterSet(ReadOnlySpan<byte> payload)
    {
        var bits = new BitReader(payload, emulationPrevention: true);
        var profile = bits.ReadBits(8);

        // constraint flags, level_idc
        bits.Skip(8 + 8);
        bits.ReadUe();
        var chromaFormat = 1u;
        if (profile is 100 or 110 or 122 or 244 or 44 or 83 or 86 or 118 or 128 or 138 or 139 or 134 or 135)
        {
            chromaFormat = ReadHighProfile(ref bits);
        }

        bits.ReadUe();
        SkipPictureOrderCount(ref bits);

        // max_num_ref_frames, gaps_in_frame_num_value_allowed_flag
        bits.ReadUe();
        bits.Skip(1);
        var widthInMacroblocks = bits.ReadUe() + 1;
        var heightInMapUnits = bits.ReadUe() + 1;
        var frameMacroblocksOnly = bits.ReadFlag();
        if (!frameMacroblocksOnly)
        {
            bits.Skip(1);
        }

        // direct_8x8_inference_flag
        bits.Skip(1);
        var fieldFactor = frameMacroblocksOnly ? 1 : 2;
        var width = widthInMacroblocks * 16L;
        var height = heightInMapUnits * 16L * fieldFactor;
        if (bits.ReadFlag())
        {
            // Croppings count in chroma samples (7-19 to 7-22).
            var unitX = chromaFormat is 1 or 2 ? 2 : 1;
            var unitY = (chromaFormat == 1 ? 2 : 1) * fieldFactor;
            width -= unitX * ((long)bits.ReadUe() + bits.ReadUe());
            height -= unitY * ((long)bits.ReadUe() + bits.ReadUe());
        }

        if (bits.Overrun || width is <= 0 or > MaxDimension || height is <= 0 or > MaxDimension)
        {
            return null;
        }

        var frameRate = bits.ReadFlag() ? ReadFrameRate(ref bits) : null;
        return new VideoFormat("h264", (int)width, (int)height, frameRate);
    }

    /// <summary>Reads what only high profiles have, and returns chroma_format_idc as far as it sets the sampling.</summary>
    private static uint ReadHighProfile(ref BitReader bits)
    {
        var chromaFormat = bits.ReadUe();
        var separatePlanes = chromaFormat == 3 && bits.ReadFlag();

        // bit_depth_luma_minus8, bit_depth_chroma_minus8, qpprime_y_zero_transform_bypass_flag
        bits.ReadUe();
        bits.ReadUe();
        bits.Skip(1);
        if (bits.ReadFlag())
        {
            var lists = chromaFormat == 3 ? 12 : 8;
            for (var list = 0; list < lists && !bits.Overrun; list++)
            {
                if (bits.ReadFlag())
                {
                    SkipScalingList(ref bits, list < 6 ? 16 : 64);
                }
            }
        }

        return separatePlanes ? 0 : chromaFormat;
    }

    private static void SkipScalingList(ref BitReader bits, int size)
    {
        int last = 8, next = 8;
        for (var index = 0; index < size && next != 0 && !bits.Overrun; index++)
        {
            next = (last + bits.ReadSe() + 256) & 0xFF;
            last = next == 0 ? last : next;
        }
    }

    private static void SkipPictureOrderCount(ref BitReader bits)
    {
        switch (bits.ReadUe())
        {
            case 0:
                bits.ReadUe();
                break;
            case 1:
                bits.Skip(1);
                bits.ReadSe();
                bits.ReadSe();
                var count = Math.Min(bits.ReadUe(), 255);
                for (; count > 0; count--)
                {
                    bits.ReadSe();
                }

                break;
        }
    }

    /// <summary>Reads the usability information up to the timing (E.1.1).</summary>
    private static double? ReadFrameRate(ref BitReader bits)
    {
        const uint ExtendedSampleAspect = 255;
        if (bits.ReadFlag() && bits.ReadBits(8) == ExtendedSampleAspect)
        {
            bits.Skip(32);
        }

        // overscan_info_present_flag, overscan_appropriate_flag
        if (bits.ReadFlag())
        {
            bits.Skip(1);
        }

        // video_signal_type_present_flag: video_format, full range, then colours when they are described
        if (bits.ReadFlag())
        {
            bits.Skip(3 + 1);
            if (bits.ReadFlag())
            {
                bits.Skip(24);
            }
        }

        // chroma_loc_info_present_flag
        if (bits.ReadFlag())
        {
            bits.ReadUe();
            bits.ReadUe();
        }

        if (!bits.ReadFlag())
        {
            return null;
        }

        var unitsInTick = bits.ReadBits(32);
        var timeScale = bits.ReadBits(32);

        // A tick is a field, so a frame takes two.
        return bits.Overrun || unitsInTick == 0 || timeScale == 0 ? null : timeScale / (2.0 * unitsInTick);
    }
}
