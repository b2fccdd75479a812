namespace MpegTs;

/// <summary>Cuts bytes, in whatever pieces they come, into packets of 188 bytes; finds the way back after garbage.</summary>
/// <remarks>
/// While packets follow each other, one wrong sync byte means that sync is lost. It is found again where five sync
/// bytes stand 188 bytes apart: a chance of 1 in 10¹² in noise. Holds at most 1,504 bytes. Not safe for several threads.
/// </remarks>
public sealed class TsPacketReader
{
    /// <summary>How many sync bytes in a row prove that they are some.</summary>
    private const int SyncRun = 5;

    /// <summary>The distance from the first to the last byte of such a run.</summary>
    private const int SyncRunSpan = (SyncRun - 1) * TsPacket.Size;

    private readonly byte[] _held = new byte[8 * TsPacket.Size];
    private int _heldStart;
    private int _heldLength;

    // A stream is believed from its first byte, so that low-rate audio need not wait for five packets.
    private bool _inSync = true;

    /// <summary>Gets the number of bytes that were no part of a packet.</summary>
    public long SkippedBytes { get; private set; }

    /// <summary>Gets how often sync was lost.</summary>
    public long SyncLosses { get; private set; }

    /// <summary>Gets whether part of a packet has come and the rest is awaited.</summary>
    public bool HasPartialPacket => _heldLength > 0;

    /// <summary>Takes the next packet off the input; false when all of the input is consumed.</summary>
    /// <param name="input">What came; moved on past what was consumed.</param>
    /// <param name="packet">188 bytes that begin with the sync byte, valid until the next call and while the input is.</param>
    public bool TryRead(ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> packet)
    {
        while (_inSync || TryFindSync(ref input))
        {
            if (_heldLength == 0 && input.Length >= TsPacket.Size)
            {
                packet = input[..TsPacket.Size];
                if (packet[0] == TsPacket.SyncByte)
                {
                    input = input[TsPacket.Size..];
                    return true;
                }
            }
            else
            {
                Hold(ref input, TsPacket.Size);
                packet = _held.AsSpan(_heldStart, Math.Min(_heldLength, TsPacket.Size));
                if (packet.Length == 0)
                {
                    break;
                }

                if (packet[0] == TsPacket.SyncByte)
                {
                    if (packet.Length < TsPacket.Size)
                    {
                        break;
                    }

                    Drop(TsPacket.Size);
                    return true;
                }
            }

            _inSync = false;
            SyncLosses++;
        }

        packet = default;
        return false;
    }

    private bool TryFindSync(ref ReadOnlySpan<byte> input)
    {
        while (true)
        {
            Hold(ref input, _held.Length);
            var held = _held.AsSpan(_heldStart, _heldLength);
            var candidates = held.Length - SyncRunSpan;
            if (candidates <= 0)
            {
                return false;
            }

            for (var offset = 0; offset < candidates; offset++)
            {
                if (IsSyncRun(held[offset..]))
                {
                    Skip(offset);
                    _inSync = true;
                    return true;
                }
            }

            Skip(candidates);
        }
    }

    private static bool IsSyncRun(ReadOnlySpan<byte> bytes)
    {
        for (var offset = 0; offset <= SyncRunSpan; offset += TsPacket.Size)
        {
            if (bytes[offset] != TsPacket.SyncByte)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Holds up to so many bytes, taken from the input.</summary>
    private void Hold(ref ReadOnlySpan<byte> input, int length)
    {
        var wanted = Math.Min(length - _heldLength, input.Length);
        if (wanted <= 0)
        {
            return;
        }

        if (_heldStart > 0)
        {
            _held.AsSpan(_heldStart, _heldLength).CopyTo(_held);
            _heldStart = 0;
        }

        input[..wanted].CopyTo(_held.AsSpan(_heldLength));
        _heldLength += wanted;
        input = input[wanted..];
    }

    private void Skip(int length)
    {
        SkippedBytes += length;
        Drop(length);
    }

    private void Drop(int length)
    {
        _heldLength -= length;
        _heldStart = _heldLength == 0 ? 0 : _heldStart + length;
    }
}
