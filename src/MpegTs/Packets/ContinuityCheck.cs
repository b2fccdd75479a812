namespace MpegTs;

/// <summary>What the continuity counter of a packet says about the packet before it.</summary>
internal enum Continuity
{
    /// <summary>It follows.</summary>
    Follows,

    /// <summary>It is the same packet a second time, as a sender may repeat it once.</summary>
    Duplicate,

    /// <summary>At least one packet between them is missing.</summary>
    Broken,
}

/// <summary>Watches the continuity counter of one PID (ISO/IEC 13818-1, 2.4.3.3).</summary>
internal sealed class ContinuityCheck
{
    private const int None = -1;

    private readonly byte[] _lastPayload = new byte[TsPacket.Size];
    private int _lastPayloadLength;
    private bool _repeated;

    /// <summary>Gets the counter of the last packet, or -1 before the first.</summary>
    public int Last { get; private set; } = None;

    public Continuity Check(in TsPacket packet)
    {
        if (!packet.HasPayload)
        {
            return Continuity.Follows;
        }

        var counter = packet.ContinuityCounter;
        var result = Last == None || packet.Discontinuity || counter == ((Last + 1) & 0x0F)
            ? Continuity.Follows
            : Continuity.Broken;

        // A counter that stands still may also be sixteen lost packets, or a sender that never counts: only the bytes tell.
        if (result == Continuity.Broken
            && counter == Last
            && !_repeated
            && packet.Payload.SequenceEqual(_lastPayload.AsSpan(0, _lastPayloadLength)))
        {
            _repeated = true;
            return Continuity.Duplicate;
        }

        Last = counter;
        _repeated = false;
        packet.Payload.CopyTo(_lastPayload);
        _lastPayloadLength = packet.Payload.Length;
        return result;
    }
}
