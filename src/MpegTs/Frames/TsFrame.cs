namespace MpegTs;

/// <summary>One frame of a transport stream, in whole packets, with the packets of other streams that came between.</summary>
/// <remarks>Frames in order are the transport stream in order. The spans are valid during the call that hands the frame over.</remarks>
public readonly ref struct TsFrame
{
    /// <summary>Gets the packets.</summary>
    public required ReadOnlySpan<byte> Packets { get; init; }

    /// <summary>
    /// Gets, when <see cref="IsEntryPoint"/>, PAT and PMT in packets of their own, to be sent first to a viewer that begins here.
    /// </summary>
    public ReadOnlySpan<byte> Tables { get; init; }

    /// <summary>Gets the kind of the stream whose frame this is.</summary>
    public required StreamKind Kind { get; init; }

    /// <summary>Gets whether the frame begins here; false for the rest of one that was cut because it was too long or came too slowly.</summary>
    public required bool IsStart { get; init; }

    /// <summary>Gets whether a viewer can begin here: a keyframe, or any frame of sound when there is no picture.</summary>
    public required bool IsEntryPoint { get; init; }

    /// <summary>Gets when to show the frame, in ticks of 1/90,000 s modulo 2³³.</summary>
    public required long? Pts { get; init; }

    /// <summary>Gets when to decode the frame, in the same ticks.</summary>
    public required long? Dts { get; init; }
}

/// <summary>Takes a frame.</summary>
/// <param name="frame">The frame; its bytes are valid during the call.</param>
public delegate void TsFrameHandler(in TsFrame frame);
