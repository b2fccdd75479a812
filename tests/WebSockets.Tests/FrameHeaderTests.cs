namespace WebSockets.Tests;

/// <summary>Samples from RFC 6455 section 5.7.</summary>
public sealed class FrameHeaderTests
{
    private static readonly byte[] MaskedHello = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];

    [Fact]
    public void Read_MaskedHello_IsAFinalTextFrameOfFiveBytes()
    {
        Assert.Equal(FrameHeaderResult.Read, FrameHeader.Read(MaskedHello, out var header));

        Assert.True(header.IsFinal);
        Assert.Equal(Opcode.Text, header.Opcode);
        Assert.Equal(5, header.PayloadBytes);
        Assert.Equal(6, header.HeaderBytes);
    }

    [Theory]
    [InlineData(new byte[] { 0x82, 0xFE, 0x01, 0x00, 1, 2, 3, 4 }, 256)]
    [InlineData(new byte[] { 0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4 }, 65536)]
    public void Read_LongerLengths_AreBigEndian(byte[] bytes, long length)
    {
        Assert.Equal(FrameHeaderResult.Read, FrameHeader.Read(bytes, out var header));

        Assert.Equal(length, header.PayloadBytes);
        Assert.Equal(bytes.Length, header.HeaderBytes);
    }

    [Theory]
    [InlineData(new byte[] { 0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d })]
    [InlineData(new byte[] { 0x82, 0xFE, 0x01, 0x00, 1, 2, 3, 4 })]
    [InlineData(new byte[] { 0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4 })]
    public void Read_EveryShorterPrefix_NeedsMore(byte[] bytes)
    {
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(FrameHeaderResult.NeedMore, FrameHeader.Read(bytes.AsSpan(0, length), out _));
        }
    }

    [Theory]
    [InlineData("an unmasked frame", 0x81, 0x05)]
    [InlineData("a reserved bit", 0xC1, 0x85)]
    [InlineData("an unknown opcode", 0x83, 0x85)]
    [InlineData("an unknown control opcode", 0x8B, 0x80)]
    [InlineData("a fragmented ping", 0x09, 0x80)]
    [InlineData("a control frame of 126 bytes", 0x89, 0xFE)]
    public void Read_BrokenRule_IsMalformed(string rule, byte first, byte second)
    {
        Assert.Equal(FrameHeaderResult.Malformed, FrameHeader.Read([first, second, 0, 126, 1, 2, 3, 4], out _));
        Assert.NotEmpty(rule);
    }

    [Fact]
    public void Read_LengthWithItsHighestBitSet_IsMalformed() =>
        Assert.Equal(FrameHeaderResult.Malformed, FrameHeader.Read([0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4], out _));

    [Fact]
    public void Apply_EveryLength_MasksLikeTheByteByByteDefinition()
    {
        byte[] key = [0x37, 0xfa, 0x21, 0x3d];
        for (var length = 0; length < 100; length++)
        {
            var payload = Enumerable.Range(0, length).Select(i => (byte)i).ToArray();
            var expected = payload.Select((b, i) => (byte)(b ^ key[i % 4])).ToArray();

            Masking.Apply(payload, BitConverter.ToUInt32(key));

            Assert.Equal(expected, payload);
        }
    }

    [Fact]
    public void ComputeAccept_SampleOfSection1_3_MatchesIt() =>
        Assert.Equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", WebSocketHandshake.ComputeAccept("dGhlIHNhbXBsZSBub25jZQ=="));
}
