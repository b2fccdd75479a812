namespace MpegTs;

/// <summary>
/// Reads bits, highest first. With emulation prevention (H.264 7.4.1, H.265 7.4.2) the byte 3 in 00 00 03 is passed over.
/// Beyond the end it reads zeros and says so.
/// </summary>
internal ref struct BitReader(ReadOnlySpan<byte> bytes, bool emulationPrevention)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _next;
    private int _zeros;
    private int _current;
    private int _bitsLeft;

    /// <summary>Gets whether more was read than there was.</summary>
    public bool Overrun { get; private set; }

    /// <summary>Gets whether all whole bytes have been read.</summary>
    public readonly bool AtEnd => _bitsLeft == 0 && _next >= _bytes.Length;

    public uint ReadBits(int count)
    {
        var value = 0u;
        for (; count > 0; count--)
        {
            value = (value << 1) | (ReadFlag() ? 1u : 0);
        }

        return value;
    }

    public bool ReadFlag()
    {
        if (_bitsLeft == 0)
        {
            NextByte();
        }

        _bitsLeft--;
        return ((_current >> _bitsLeft) & 1) != 0;
    }

    public void Skip(int count)
    {
        for (; count > 0 && !Overrun; count--)
        {
            ReadFlag();
        }
    }

    /// <summary>Reads an unsigned Exp-Golomb code, ue(v) (H.264 9.1).</summary>
    public uint ReadUe()
    {
        var zeros = 0;
        while (!ReadFlag())
        {
            if (++zeros > 31 || Overrun)
            {
                Overrun = true;
                return 0;
            }
        }

        return ((1u << zeros) - 1) + ReadBits(zeros);
    }

    /// <summary>Reads a signed Exp-Golomb code, se(v).</summary>
    public int ReadSe()
    {
        var code = ReadUe();
        var magnitude = (int)((code + 1) >> 1);
        return (code & 1) != 0 ? magnitude : -magnitude;
    }

    private void NextByte()
    {
        if (emulationPrevention && _zeros >= 2 && _next < _bytes.Length && _bytes[_next] == 3)
        {
            _next++;
            _zeros = 0;
        }

        if (_next >= _bytes.Length)
        {
            Overrun = true;
            _current = 0;
        }
        else
        {
            _current = _bytes[_next++];
        }

        _zeros = _current == 0 ? _zeros + 1 : 0;
        _bitsLeft = 8;
    }
}
