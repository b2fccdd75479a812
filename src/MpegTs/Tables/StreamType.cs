namespace MpegTs;

/// <summary>What an elementary stream carries. The values are those of stream_type (ISO/IEC 13818-1, table 2-34), where there is one.</summary>
public enum StreamType
{
    /// <summary>MPEG-1 video.</summary>
    Mpeg1Video = 0x01,

    /// <summary>MPEG-2 video; ffmpeg labels MPEG-1 video so too.</summary>
    Mpeg2Video = 0x02,

    /// <summary>MPEG-1 audio: layer II (MP2) or III.</summary>
    Mpeg1Audio = 0x03,

    /// <summary>MPEG-2 audio of half the sampling rates.</summary>
    Mpeg2Audio = 0x04,

    /// <summary>Anything; a descriptor may say what.</summary>
    PrivateData = 0x06,

    /// <summary>AAC with ADTS headers.</summary>
    Aac = 0x0F,

    /// <summary>MPEG-4 part 2 video.</summary>
    Mpeg4Video = 0x10,

    /// <summary>AAC in LATM.</summary>
    AacLatm = 0x11,

    /// <summary>H.264.</summary>
    H264 = 0x1B,

    /// <summary>H.265.</summary>
    H265 = 0x24,

    /// <summary>AC-3.</summary>
    Ac3 = 0x81,

    /// <summary>Enhanced AC-3.</summary>
    EnhancedAc3 = 0x87,

    /// <summary>Opus: private data with the registration <c>Opus</c>. Not a value of stream_type.</summary>
    Opus = 0x100,
}

/// <summary>The kinds of elementary stream.</summary>
public enum StreamKind
{
    /// <summary>Neither of the others.</summary>
    Data,

    /// <summary>Pictures.</summary>
    Video,

    /// <summary>Sound.</summary>
    Audio,
}

/// <summary>What follows from a stream type.</summary>
public static class StreamTypes
{
    /// <summary>Tells the kind of a stream.</summary>
    public static StreamKind Kind(this StreamType type) => type switch
    {
        StreamType.Mpeg1Video or StreamType.Mpeg2Video or StreamType.Mpeg4Video or StreamType.H264 or StreamType.H265 => StreamKind.Video,
        StreamType.Mpeg1Audio or StreamType.Mpeg2Audio or StreamType.Aac or StreamType.AacLatm or StreamType.Ac3
            or StreamType.EnhancedAc3 or StreamType.Opus => StreamKind.Audio,
        _ => StreamKind.Data,
    };

    /// <summary>Names the codec as ffmpeg does; null when it is not known.</summary>
    public static string? CodecName(this StreamType type) => type switch
    {
        StreamType.Mpeg1Video => "mpeg1video",
        StreamType.Mpeg2Video => "mpeg2video",
        StreamType.Mpeg4Video => "mpeg4",
        StreamType.H264 => "h264",
        StreamType.H265 => "hevc",
        StreamType.Mpeg1Audio or StreamType.Mpeg2Audio => "mp2",
        StreamType.Aac => "aac",
        StreamType.AacLatm => "aac_latm",
        StreamType.Ac3 => "ac3",
        StreamType.EnhancedAc3 => "eac3",
        StreamType.Opus => "opus",
        _ => null,
    };
}
