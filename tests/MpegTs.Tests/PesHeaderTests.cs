namespace MpegTs.Tests;

public sealed class PesHeaderTests
{
    [Theory]
    [InlineData(0L)]
    [InlineData(90_000L)]
    [InlineData((1L << 33) - 1)]
    [InlineData(0x1_2345_6789L)]
    public void TryRead_Pts_IsRead(long pts)
    {
        var pes = Packets.Pes(0xE0, pts, new byte[10], lengthTold: false);

        Assert.Equal(PesHeaderResult.Complete, PesHeader.TryRead(pes, out var header));
        Assert.Equal(new PesHeader(0xE0, null, 14, pts, null), header);
    }

    [Fact]
    public void TryRead_LengthTold_CountsFromTheFirstByte()
    {
        var pes = Packets.Pes(0xC0, 0, new byte[100], lengthTold: true);

        Assert.Equal(PesHeaderResult.Complete, PesHeader.TryRead(pes, out var header));
        Assert.Equal(pes.Length, header.PacketLength);
    }

    [Fact]
    public void TryRead_PtsAndDts_AreBothRead()
    {
        // From a stream of x264 with B-frames.
        byte[] pes = [0, 0, 1, 0xE0, 0, 0, 0x80, 0xC0, 10, 0x31, 0x00, 0x07, 0xF4, 0x81, 0x11, 0x00, 0x07, 0xD8, 0x61];

        Assert.Equal(PesHeaderResult.Complete, PesHeader.TryRead(pes, out var header));
        Assert.Equal((129_600L, 126_000L), (header.Pts, header.Dts));
    }

    [Fact]
    public void TryRead_EveryShorterPrefix_NeedsMore()
    {
        var pes = Packets.Pes(0xE0, 1234, [], lengthTold: false);
        for (var length = 0; length < pes.Length; length++)
        {
            Assert.Equal(PesHeaderResult.NeedsMore, PesHeader.TryRead(pes.AsSpan(0, length), out _));
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 0)]
    [InlineData(6, 0x00)]
    [InlineData(6, 0x40)]
    public void TryRead_WrongPrefixOrMarker_IsMalformed(int at, byte value)
    {
        var pes = Packets.Pes(0xE0, 1234, new byte[10], lengthTold: false);
        pes[at] = value;

        Assert.Equal(PesHeaderResult.Malformed, PesHeader.TryRead(pes, out _));
    }

    [Fact]
    public void TryRead_LengthShorterThanTheHeader_IsMalformed()
    {
        var pes = Packets.Pes(0xC0, 1234, new byte[10], lengthTold: false);
        pes[5] = 7;

        Assert.Equal(PesHeaderResult.Malformed, PesHeader.TryRead(pes, out _));
    }

    [Fact]
    public void TryRead_Padding_HasNoFurtherHeader()
    {
        Assert.Equal(PesHeaderResult.Complete, PesHeader.TryRead([0, 0, 1, 0xBE, 0, 20], out var header));
        Assert.Equal(new PesHeader(0xBE, 26, 6, null, null), header);
    }
}
