namespace MpegTs;

/// <summary>One packet of a transport stream: 188 bytes, of which 4 or more are header (ISO/IEC 13818-1, 2.4.3.2).</summary>
/// <remarks>
/// <code>
/// byte 0   sync byte, 0x47
/// byte 1   transport_error_indicator 1 bit, payload_unit_start_indicator 1, transport_priority 1, PID 5 upper bits
/// byte 2   PID 8 lower bits
/// byte 3   transport_scrambling_control 2, adaptation_field_control 2, continuity_counter 4
/// </code>
/// The adaptation field, when there is one, begins with its length and a byte of flags.
/// </remarks>
public readonly ref struct TsPacket
{
    /// <summary>The size of every packet, in bytes.</summary>
    public const int Size = 188;

    /// <summary>The first byte of every packet.</summary>
    public const byte SyncByte = 0x47;

    /// <summary>The PID of packets that only fill a constant bit rate.</summary>
    public const int NullPid = 0x1FFF;

    private const int HeaderSize = 4;
    private const int PcrSize = 6;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _payloadStart;

    private TsPacket(ReadOnlySpan<byte> bytes, int payloadStart)
    {
        _bytes = bytes;
        _payloadStart = payloadStart;
    }

    /// <summary>Gets the whole packet.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Gets whether a demodulator before us found an error that it could not mend.</summary>
    public bool TransportError => (_bytes[1] & 0x80) != 0;

    /// <summary>Gets whether a PES packet begins with this payload, or a section begins in it.</summary>
    public bool PayloadUnitStart => (_bytes[1] & 0x40) != 0;

    /// <summary>Gets the number of the stream within the transport stream, 0 to 8191.</summary>
    public int Pid => ((_bytes[1] & 0x1F) << 8) | _bytes[2];

    /// <summary>Gets whether the payload is encrypted.</summary>
    public bool Scrambled => (_bytes[3] & 0xC0) != 0;

    /// <summary>Gets the counter, 0 to 15, that goes up by one with each packet of a PID that has a payload.</summary>
    public int ContinuityCounter => _bytes[3] & 0x0F;

    /// <summary>Gets whether there is a payload.</summary>
    public bool HasPayload => (_bytes[3] & 0x10) != 0;

    /// <summary>Gets whether there is an adaptation field.</summary>
    public bool HasAdaptationField => (_bytes[3] & 0x20) != 0;

    /// <summary>Gets the payload; empty when there is none.</summary>
    public ReadOnlySpan<byte> Payload => _bytes[_payloadStart..];

    /// <summary>Gets whether the continuity counter is allowed to jump here.</summary>
    public bool Discontinuity => (AdaptationFlags & 0x80) != 0;

    /// <summary>Gets whether the sender says that decoding can begin here.</summary>
    public bool RandomAccess => (AdaptationFlags & 0x40) != 0;

    /// <summary>
    /// Gets whether the adaptation field is longer than what it holds. A payload that ends within a packet can be
    /// brought to its end in no other way, so this marks the last packet of a PES packet.
    /// </summary>
    public bool HasStuffing
    {
        get
        {
            if (!HasAdaptationField)
            {
                return false;
            }

            int length = _bytes[HeaderSize];
            if (length == 0)
            {
                // The length byte itself is all the stuffing: the payload was one byte short.
                return true;
            }

            var flags = AdaptationFlags;
            if (flags == 0)
            {
                // A field with nothing to say is there to fill.
                return true;
            }

            var needed = 1;
            needed += (flags & 0x10) != 0 ? PcrSize : 0;
            needed += (flags & 0x08) != 0 ? PcrSize : 0;
            needed += (flags & 0x04) != 0 ? 1 : 0;
            needed += (flags & 0x02) != 0 ? 1 + At(needed) : 0;
            needed += (flags & 0x01) != 0 ? 1 + At(needed) : 0;
            return length > needed;
        }
    }

    private byte AdaptationFlags => HasAdaptationField && _bytes[HeaderSize] > 0 ? _bytes[HeaderSize + 1] : (byte)0;

    /// <summary>Reads a packet. False when its sync byte, its adaptation field's length or its adaptation_field_control is impossible.</summary>
    /// <param name="bytes">Exactly <see cref="Size"/> bytes; they are not copied.</param>
    /// <param name="packet">The packet, over the same bytes.</param>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out TsPacket packet)
    {
        packet = default;
        if (bytes.Length != Size || bytes[0] != SyncByte)
        {
            return false;
        }

        var payloadStart = HeaderSize;
        switch ((bytes[3] >> 4) & 0x3)
        {
            case 0:
                return false;
            case 1:
                break;
            case 2:
                if (bytes[HeaderSize] != Size - HeaderSize - 1)
                {
                    return false;
                }

                payloadStart = Size;
                break;
            case 3:
                payloadStart += 1 + bytes[HeaderSize];
                if (payloadStart >= Size)
                {
                    return false;
                }

                break;
        }

        packet = new TsPacket(bytes, payloadStart);
        return true;
    }

    /// <summary>A byte of the adaptation field, counted from its flags; zero beyond the packet.</summary>
    private int At(int offset)
    {
        var index = HeaderSize + 1 + offset;
        return index < Size ? _bytes[index] : 0;
    }
}
