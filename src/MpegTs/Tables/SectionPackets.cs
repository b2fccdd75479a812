namespace MpegTs;

/// <summary>Writes sections into packets.</summary>
internal static class SectionPackets
{
    private const int HeaderSize = 4;
    private const int PayloadSize = TsPacket.Size - HeaderSize;

    /// <summary>Tells how many packets a section takes.</summary>
    public static int CountFor(int sectionLength) => (1 + sectionLength + PayloadSize - 1) / PayloadSize;

    /// <summary>Writes the packets of one section.</summary>
    /// <param name="section">The section with its checksum.</param>
    /// <param name="pid">The PID to send it on.</param>
    /// <param name="lastCounter">The continuity counter of the last packet; those before it count up to it.</param>
    /// <param name="destination">At least <see cref="CountFor"/> packets long.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Write(ReadOnlySpan<byte> section, int pid, int lastCounter, Span<byte> destination)
    {
        var count = CountFor(section.Length);
        for (var index = 0; index < count; index++)
        {
            var packet = destination.Slice(index * TsPacket.Size, TsPacket.Size);
            packet.Fill(0xFF);
            packet[0] = TsPacket.SyncByte;
            packet[1] = (byte)((index == 0 ? 0x40 : 0) | (pid >> 8));
            packet[2] = (byte)pid;
            packet[3] = (byte)(0x10 | ((lastCounter - (count - 1 - index)) & 0x0F));
            var payload = packet[HeaderSize..];
            if (index == 0)
            {
                // The pointer field: the section begins right behind it.
                payload[0] = 0;
                payload = payload[1..];
            }

            var length = Math.Min(section.Length, payload.Length);
            section[..length].CopyTo(payload);
            section = section[length..];
        }

        return count * TsPacket.Size;
    }
}
