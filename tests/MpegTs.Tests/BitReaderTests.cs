namespace MpegTs.Tests;

public sealed class BitReaderTests
{
    [Fact]
    public void ReadUe_CodesOfTheSpecification_AreRead()
    {
        // 1, 010, 011, 00100, 00101: the first rows of H.264 table 9-2.
        var bits = new BitReader([0b1010_0110, 0b0100_0010, 0b1000_0000], emulationPrevention: false);

        Assert.Equal([0u, 1u, 2u, 3u, 4u], new[] { bits.ReadUe(), bits.ReadUe(), bits.ReadUe(), bits.ReadUe(), bits.ReadUe() });
        Assert.False(bits.Overrun);
    }

    [Fact]
    public void ReadSe_CodesOfTheSpecification_AreRead()
    {
        var bits = new BitReader([0b1010_0110, 0b0100_0010, 0b1000_0000], emulationPrevention: false);

        Assert.Equal([0, 1, -1, 2, -2], new[] { bits.ReadSe(), bits.ReadSe(), bits.ReadSe(), bits.ReadSe(), bits.ReadSe() });
    }

    [Fact]
    public void ReadBits_EmulationPrevention_IsPassedOver()
    {
        var bits = new BitReader([0, 0, 3, 1, 0, 0, 3, 0, 3], emulationPrevention: true);

        Assert.Equal(0x0000_0100u, bits.ReadBits(32));
        Assert.Equal(0x0000_03u, bits.ReadBits(24));
        Assert.False(bits.Overrun);
    }

    [Fact]
    public void ReadBits_BeyondTheEnd_AreZeroAndTold()
    {
        var bits = new BitReader([0xFF], emulationPrevention: true);

        Assert.Equal(0xFF00u, bits.ReadBits(16));
        Assert.True(bits.Overrun);
    }
}
