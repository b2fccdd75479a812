namespace MpegTs;

/// <summary>Puts the sections of one PID together from its packets and checks them (ISO/IEC 13818-1, 2.4.4).</summary>
/// <remarks>
/// <code>
/// pointer_field    8 bits, in the first payload only: how many bytes of the section before still come
/// table_id         8
/// flags            4
/// section_length  12: what follows, the checksum included; 1,021 at most for PAT and PMT
/// </code>
/// Holds one section. Not safe for several threads.
/// </remarks>
internal sealed class SectionReader
{
    /// <summary>The longest PAT or PMT section, header and checksum included.</summary>
    public const int MaxSectionSize = 1024;

    private const int HeaderSize = 3;
    private const int ChecksumSize = 4;
    private const byte StuffingTableId = 0xFF;

    private readonly byte[] _section = new byte[MaxSectionSize];
    private int _length;
    private bool _reading;

    /// <summary>Gets the number of sections with an impossible length or a wrong checksum.</summary>
    public long Errors { get; private set; }

    /// <summary>Gives up what has been read of a section, because a packet is missing.</summary>
    public void Reset() => _reading = false;

    /// <summary>Reads the payload of a packet and hands over every section that it completes.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="unitStart">Whether the payload begins with a pointer field.</param>
    /// <param name="completed">Called with a checked section, from table_id to before the checksum's end; the bytes are valid during the call.</param>
    public void Read(ReadOnlySpan<byte> payload, bool unitStart, SectionHandler completed)
    {
        if (unitStart)
        {
            if (payload.IsEmpty || 1 + payload[0] > payload.Length)
            {
                Errors++;
                _reading = false;
                return;
            }

            Append(payload.Slice(1, payload[0]), completed);
            payload = payload[(1 + payload[0])..];
            _reading = true;
            _length = 0;
        }

        while (_reading && !payload.IsEmpty)
        {
            payload = Append(payload, completed);
            if (!_reading && unitStart && !payload.IsEmpty && payload[0] != StuffingTableId)
            {
                // Several short sections in one payload follow each other without a pointer.
                _reading = true;
                _length = 0;
            }
        }
    }

    /// <summary>Adds to the section until it is complete; returns what is left, or nothing when that cannot be read.</summary>
    private ReadOnlySpan<byte> Append(ReadOnlySpan<byte> bytes, SectionHandler completed)
    {
        while (_reading && !bytes.IsEmpty)
        {
            if (_length == 0 && bytes[0] == StuffingTableId)
            {
                _reading = false;
                return default;
            }

            var wanted = _length < HeaderSize ? HeaderSize : SectionSize;
            var taken = Math.Min(wanted - _length, bytes.Length);
            bytes[..taken].CopyTo(_section.AsSpan(_length));
            _length += taken;
            bytes = bytes[taken..];
            if (_length < HeaderSize)
            {
                continue;
            }

            if (SectionSize is > MaxSectionSize or < HeaderSize + ChecksumSize)
            {
                Errors++;
                _reading = false;
                return default;
            }

            if (_length == SectionSize)
            {
                _reading = false;
                var section = _section.AsSpan(0, _length);
                if (Crc32Mpeg.Compute(section) == 0)
                {
                    completed(section);
                }
                else
                {
                    Errors++;
                }
            }
        }

        return bytes;
    }

    private int SectionSize => HeaderSize + (((_section[1] & 0x0F) << 8) | _section[2]);
}

/// <summary>Takes a checked section, from its table_id to its checksum; the bytes are valid during the call.</summary>
internal delegate void SectionHandler(ReadOnlySpan<byte> section);
