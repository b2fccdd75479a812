using FsCheck;
using FsCheck.Fluent;

using LiveRobot.Testing;

namespace MpegTs.Tests;

public sealed class TsPacketReaderTests
{
    [Fact]
    public void TryRead_StreamCutAnywhere_GivesTheSamePackets()
    {
        var stream = Stream(7);
        for (var cut = 0; cut <= stream.Length; cut++)
        {
            var reader = new TsPacketReader();

            var packets = Read(reader, stream.AsSpan(0, cut));
            packets.AddRange(Read(reader, stream.AsSpan(cut)));

            Assert.Equal(stream, packets.SelectMany(packet => packet).ToArray());
            Assert.False(reader.HasPartialPacket);
        }
    }

    [Fact]
    public void TryRead_ByteByByte_GivesTheSamePackets()
    {
        var stream = Stream(9);
        var reader = new TsPacketReader();
        var packets = new List<byte[]>();
        foreach (var value in stream)
        {
            packets.AddRange(Read(reader, [value]));
        }

        Assert.Equal(stream, packets.SelectMany(packet => packet).ToArray());
    }

    [Fact]
    public void TryRead_PartOfAPacket_IsHeld()
    {
        var reader = new TsPacketReader();

        Assert.Empty(Read(reader, Stream(1).AsSpan(0, TsPacket.Size - 1)));
        Assert.True(reader.HasPartialPacket);
        Assert.Single(Read(reader, [0xFF]));
        Assert.False(reader.HasPartialPacket);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(187)]
    [InlineData(188)]
    [InlineData(5000)]
    public void TryRead_GarbageBetween_IsSkippedAndCounted(int garbageLength)
    {
        var garbage = new byte[garbageLength];
        Array.Fill(garbage, (byte)0x11);
        var reader = new TsPacketReader();

        var packets = Read(reader, [.. Stream(3), .. garbage, .. Stream(8)]);

        Assert.Equal([.. Stream(3), .. Stream(8)], packets.SelectMany(packet => packet).ToArray());
        Assert.Equal(garbageLength, reader.SkippedBytes);
        Assert.Equal(1, reader.SyncLosses);
    }

    [Fact]
    public void TryRead_FourSyncBytesInARow_AreNotBelieved()
    {
        var reader = new TsPacketReader();

        Assert.Empty(Read(reader, [0, .. Stream(4), .. new byte[1000]]));
    }

    [Fact]
    public void TryRead_OneSpoiltSyncByte_CostsOnePacket()
    {
        var stream = Stream(20);
        stream[5 * TsPacket.Size] = 0;
        var reader = new TsPacketReader();

        var packets = Read(reader, stream);

        Assert.Equal(19, packets.Count);
        Assert.Equal(TsPacket.Size, reader.SkippedBytes);
    }

    [Fact]
    public void TryRead_AnyBytesInAnyPieces_AreEitherPacketsOrSkippedOrHeld()
    {
        var bytes = Gen.Choose(0, 3000).SelectMany(length => Gen.Elements<byte>(0x47, 0x47, 0x00, 0x12).ArrayOf(length));
        var pieces = Gen.Choose(1, 700);
        Prop.ForAll(bytes.ToArbitrary(), pieces.ToArbitrary(), (stream, size) =>
        {
            var reader = new TsPacketReader();
            var packets = stream.Chunk(size).SelectMany(piece => Read(reader, piece)).ToList();
            var rest = stream.Length - (packets.Count * TsPacket.Size) - reader.SkippedBytes;
            return packets.TrueForAll(packet => packet[0] == TsPacket.SyncByte)
                && rest is >= 0 and < 8 * TsPacket.Size
                && (rest > 0) == reader.HasPartialPacket;
        }).Check(RandomInput.Cases(100));
    }

    private static byte[] Stream(int packets) =>
        [.. Enumerable.Range(0, packets).SelectMany(counter => Packets.Packet(0x100, counter, Enumerable.Repeat((byte)counter, 184).ToArray()))];

    private static List<byte[]> Read(TsPacketReader reader, ReadOnlySpan<byte> bytes)
    {
        var packets = new List<byte[]>();
        while (reader.TryRead(ref bytes, out var packet))
        {
            packets.Add(packet.ToArray());
        }

        return packets;
    }
}
