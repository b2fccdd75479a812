namespace MpegTs.Tests;

public sealed class SectionReaderTests
{
    [Fact]
    public void Compute_SectionWithItsChecksum_IsZero()
    {
        // The PAT that ffmpeg writes: program 1 on PID 0x1000.
        byte[] section = [0x00, 0xB0, 0x0D, 0x00, 0x01, 0xC1, 0x00, 0x00, 0x00, 0x01, 0xF0, 0x00, 0x2A, 0xB1, 0x04, 0xB2];

        Assert.Equal(0u, Crc32Mpeg.Compute(section));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(171)]
    [InlineData(172)]
    [InlineData(500)]
    [InlineData(1012)]
    public void Read_SectionOverAnyNumberOfPackets_IsPutTogether(int bodyLength)
    {
        var section = Packets.Section(2, 1, new byte[bodyLength]);

        var (sections, errors) = Read(Packets.SectionPackets(0x1000, 0, section));

        Assert.Equal(section, Assert.Single(sections));
        Assert.Equal(0, errors);
    }

    [Fact]
    public void Read_SectionOneByteTooLong_IsAnError()
    {
        var (sections, errors) = Read(Packets.SectionPackets(0x1000, 0, Packets.Section(2, 1, new byte[1013])));

        Assert.Empty(sections);
        Assert.Equal(1, errors);
    }

    [Fact]
    public void Read_OneBitWrong_IsAnError()
    {
        var packets = Packets.SectionPackets(0x1000, 0, Packets.Section(2, 1, new byte[50]));
        packets[30] ^= 0x10;

        var (sections, errors) = Read(packets);

        Assert.Empty(sections);
        Assert.Equal(1, errors);
    }

    [Fact]
    public void Read_TwoSectionsInOnePayload_AreBothRead()
    {
        var (first, second) = (Packets.Section(2, 1, new byte[20]), Packets.Section(2, 2, new byte[30]));

        var (sections, _) = Read(Packets.SectionPackets(0x1000, 0, [.. first, .. second]));

        Assert.Equal([first, second], sections);
    }

    [Fact]
    public void Read_PointerBehindTheEndOfASection_EndsItFirst()
    {
        var (first, second) = (Packets.Section(2, 1, new byte[180]), Packets.Section(2, 2, new byte[20]));
        byte[] firstPayload = [0, .. first.AsSpan(0, 183)];
        byte[] secondPayload = [(byte)(first.Length - 183), .. first.AsSpan(183), .. second];

        var (sections, errors) = Read([.. Packets.Packet(0x1000, 0, firstPayload, unitStart: true), .. Packets.Packet(0x1000, 1, secondPayload, unitStart: true)]);

        Assert.Equal([first, second], sections);
        Assert.Equal(0, errors);
    }

    [Fact]
    public void Read_PointerBeyondThePayload_IsAnError()
    {
        var (sections, errors) = Read(Packets.Packet(0x1000, 0, [200, 1, 2, 3], unitStart: true));

        Assert.Empty(sections);
        Assert.Equal(1, errors);
    }

    private static (List<byte[]> Sections, long Errors) Read(byte[] packets)
    {
        var reader = new SectionReader();
        var sections = new List<byte[]>();
        foreach (var bytes in packets.Chunk(TsPacket.Size))
        {
            Assert.True(TsPacket.TryParse(bytes, out var packet));
            reader.Read(packet.Payload, packet.PayloadUnitStart, section => sections.Add(section.ToArray()));
        }

        return (sections, reader.Errors);
    }
}
