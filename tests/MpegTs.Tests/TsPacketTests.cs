namespace MpegTs.Tests;

public sealed class TsPacketTests
{
    [Fact]
    public void TryParse_HeaderFields_AreRead()
    {
        var bytes = new byte[TsPacket.Size];
        bytes[0] = 0x47;
        bytes[1] = 0x80 | 0x40 | 0x1A;
        bytes[2] = 0xBC;
        bytes[3] = 0xC0 | 0x10 | 0x0D;

        Assert.True(TsPacket.TryParse(bytes, out var packet));
        Assert.True(packet.TransportError);
        Assert.True(packet.PayloadUnitStart);
        Assert.Equal(0x1ABC, packet.Pid);
        Assert.True(packet.Scrambled);
        Assert.Equal(13, packet.ContinuityCounter);
        Assert.Equal(184, packet.Payload.Length);
        Assert.False(packet.HasStuffing);
    }

    [Theory]
    [InlineData(0x46, 0x10, 0)]
    [InlineData(0x47, 0x00, 0)]
    [InlineData(0x47, 0x20, 182)]
    [InlineData(0x47, 0x20, 184)]
    [InlineData(0x47, 0x30, 183)]
    [InlineData(0x47, 0x30, 255)]
    public void TryParse_ImpossibleHeader_IsRefused(byte sync, byte control, byte adaptationLength)
    {
        var bytes = new byte[TsPacket.Size];
        (bytes[0], bytes[3], bytes[4]) = (sync, control, adaptationLength);

        Assert.False(TsPacket.TryParse(bytes, out _));
    }

    [Theory]
    [InlineData(184, 0x00, false)]
    [InlineData(183, 0x00, true)]
    [InlineData(182, 0x00, true)]
    [InlineData(182, 0x40, false)]
    [InlineData(176, 0x10, false)]
    [InlineData(175, 0x10, true)]
    [InlineData(170, 0x18, false)]
    [InlineData(181, 0x04, false)]
    public void HasStuffing_AdaptationFieldLongerThanItsFlagsNeed_IsTrue(int payloadLength, byte flags, bool expected)
    {
        var bytes = Packets.Packet(0x100, 0, new byte[payloadLength], adaptationFlags: flags);

        Assert.True(TsPacket.TryParse(bytes, out var packet));
        Assert.Equal(payloadLength, packet.Payload.Length);
        Assert.Equal(expected, packet.HasStuffing);
    }
}
