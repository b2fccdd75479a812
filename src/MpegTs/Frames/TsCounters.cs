namespace MpegTs;

/// <summary>What went wrong in a transport stream, counted since its beginning.</summary>
/// <param name="Packets">Packets read.</param>
/// <param name="SkippedBytes">Bytes that were no part of a packet.</param>
/// <param name="SyncLosses">How often sync was lost.</param>
/// <param name="ContinuityErrors">Places where at least one packet is missing.</param>
/// <param name="MalformedPackets">Packets with an impossible header, or marked as damaged.</param>
/// <param name="UnknownPackets">Packets of a PID that no table names; they are left out of the frames.</param>
/// <param name="TableErrors">Sections with an impossible length or a wrong checksum.</param>
public readonly record struct TsCounters(
    long Packets,
    long SkippedBytes,
    long SyncLosses,
    long ContinuityErrors,
    long MalformedPackets,
    long UnknownPackets,
    long TableErrors);
