namespace MpegTs.Tests;

/// <summary>Builds transport streams byte by byte, as ISO/IEC 13818-1 describes them.</summary>
internal static class Packets
{
    public const int MapPid = 0x1000;
    public const int VideoPid = 0x100;
    public const int AudioPid = 0x101;

    /// <summary>A packet with a payload that fills it, or stuffing in an adaptation field where it does not.</summary>
    public static byte[] Packet(int pid, int counter, ReadOnlySpan<byte> payload, bool unitStart = false, byte? adaptationFlags = null)
    {
        var packet = new byte[TsPacket.Size];
        packet[0] = TsPacket.SyncByte;
        packet[1] = (byte)((unitStart ? 0x40 : 0) | (pid >> 8));
        packet[2] = (byte)pid;
        var room = TsPacket.Size - 4 - payload.Length;
        ArgumentOutOfRangeException.ThrowIfNegative(room);
        packet[3] = (byte)(0x10 | (room > 0 ? 0x20 : 0) | (counter & 0x0F));
        if (room > 0)
        {
            packet[4] = (byte)(room - 1);
            packet.AsSpan(5, room - 1).Fill(0xFF);
            if (room > 1)
            {
                packet[5] = adaptationFlags ?? 0;
            }
        }

        payload.CopyTo(packet.AsSpan(TsPacket.Size - payload.Length));
        return packet;
    }

    public static byte[] Section(byte tableId, int number, ReadOnlySpan<byte> body)
    {
        var section = new byte[8 + body.Length + 4];
        section[0] = tableId;
        section[1] = (byte)(0xB0 | ((section.Length - 3) >> 8));
        section[2] = (byte)(section.Length - 3);
        section[3] = (byte)(number >> 8);
        section[4] = (byte)number;
        section[5] = 0xC1;
        body.CopyTo(section.AsSpan(8));
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(section.AsSpan(section.Length - 4), Crc32Mpeg.Compute(section.AsSpan(0, section.Length - 4)));
        return section;
    }

    /// <summary>The packets of one section, with a pointer field and stuffing behind.</summary>
    public static byte[] SectionPackets(int pid, int counter, byte[] section)
    {
        var packets = new byte[MpegTs.SectionPackets.CountFor(section.Length) * TsPacket.Size];
        var count = packets.Length / TsPacket.Size;
        MpegTs.SectionPackets.Write(section, pid, counter + count - 1, packets);
        return packets;
    }

    public static byte[] Association(int counter = 0, int program = 1, int mapPid = MapPid) =>
        SectionPackets(0, counter, Section(0, 1, [(byte)(program >> 8), (byte)program, (byte)(0xE0 | (mapPid >> 8)), (byte)mapPid]));

    public static byte[] Map(int counter = 0, int program = 1, params (StreamType Type, int Pid)[] streams)
    {
        var body = new List<byte> { 0xE0 | (VideoPid >> 8), VideoPid & 0xFF, 0xF0, 0 };
        foreach (var (type, pid) in streams.Length > 0 ? streams : [(StreamType.Mpeg2Video, VideoPid), (StreamType.Mpeg1Audio, AudioPid)])
        {
            body.AddRange([(byte)type, (byte)(0xE0 | (pid >> 8)), (byte)pid, 0xF0, 0]);
        }

        return SectionPackets(MapPid, counter, Section(2, program, [.. body]));
    }

    /// <summary>A PES packet with a PTS; its length is told or, as ffmpeg does for video, not.</summary>
    public static byte[] Pes(byte streamId, long pts, ReadOnlySpan<byte> unit, bool lengthTold)
    {
        byte[] header =
        [
            0, 0, 1, streamId, 0, 0, 0x80, 0x80, 5,
            (byte)(0x21 | ((pts >> 29) & 0x0E)), (byte)(pts >> 22), (byte)(0x01 | ((pts >> 14) & 0xFE)), (byte)(pts >> 7), (byte)(0x01 | (pts << 1)),
        ];
        byte[] pes = [.. header, .. unit];
        if (lengthTold)
        {
            pes[4] = (byte)((pes.Length - 6) >> 8);
            pes[5] = (byte)(pes.Length - 6);
        }

        return pes;
    }

    /// <summary>Cuts a PES packet into packets; the counter goes on.</summary>
    public static List<byte[]> Cut(int pid, byte[] pes, ref int counter)
    {
        const int Room = TsPacket.Size - 4;
        var packets = new List<byte[]>();
        for (var offset = 0; offset < pes.Length; offset += Room)
        {
            packets.Add(Packet(pid, counter++, pes.AsSpan(offset, Math.Min(Room, pes.Length - offset)), offset == 0));
        }

        return packets;
    }

    /// <summary>An MPEG-1 picture of 320 by 240 at 25 a second, I with a sequence header or P without.</summary>
    public static byte[] Picture(bool keyframe, int length)
    {
        byte[] sequence = keyframe ? [0, 0, 1, 0xB3, 0x14, 0x00, 0xF0, 0x13, 0xFF, 0xFF, 0xE0, 0x18] : [];
        byte[] picture = [0, 0, 1, 0, 0, (byte)((keyframe ? 1 : 2) << 3), 0xFF, 0xF8, 0, 0, 1, 1];
        var unit = new byte[Math.Max(length, sequence.Length + picture.Length)];
        Array.Fill(unit, (byte)0x55);
        sequence.CopyTo(unit, 0);
        picture.CopyTo(unit, sequence.Length);
        return unit;
    }
}
