using FsCheck;
using FsCheck.Fluent;

using LiveRobot.Testing;

namespace MpegTs.Tests;

public sealed class TsFrameReaderTests
{
    private const int StuffedLength = 1000;

    /// <summary>A picture whose PES packet fills its last packet to the end: 14 bytes of header, 3 packets of 184.</summary>
    private const int FillingLength = (3 * 184) - 14;

    [Fact]
    public void Write_StuffingInTheLastPacket_EndsTheFrame()
    {
        var frames = Recorder.Read([Packets.Association(), Packets.Map(), .. Video(0, 100, keyframe: true, StuffedLength)]);

        var frame = Assert.Single(frames.All);
        Assert.Equal((StreamKind.Video, true, true, 100L), (frame.Kind, frame.IsStart, frame.IsEntryPoint, frame.Pts));
        Assert.False(frames.Reader.MayBeComplete);
    }

    [Fact]
    public void Write_FrameThatFillsItsLastPacket_MayBeCompleteAndEndsWithTheNextStart()
    {
        var first = Video(0, 100, keyframe: true, FillingLength);
        var frames = Recorder.Read([Packets.Association(), Packets.Map(), .. first]);
        Assert.Empty(frames.All);
        Assert.True(frames.Reader.MayBeComplete);

        frames.Write(Video(first.Count, 200, keyframe: false, StuffedLength));

        Assert.Equal([100L, 200L], frames.All.Select(frame => frame.Pts!.Value));
        Assert.Equal((2 + 3) * TsPacket.Size, frames.All[0].Packets.Length);
    }

    [Fact]
    public void Flush_FrameThatMayBeComplete_IsHandedOnAsAKeyframe()
    {
        var frames = Recorder.Read([Packets.Association(), Packets.Map(), .. Video(0, 100, keyframe: true, FillingLength)]);

        frames.Reader.Flush();

        Assert.True(Assert.Single(frames.All).IsEntryPoint);
        Assert.False(frames.Reader.MayBeComplete);
    }

    [Fact]
    public void Flush_InTheMiddleOfAFrame_ItsRestIsNoStart()
    {
        var video = Video(0, 100, keyframe: true, StuffedLength);
        var frames = Recorder.Read([Packets.Association(), Packets.Map(), .. video[..2]]);
        frames.Reader.Flush();

        frames.Write(video[2..]);

        Assert.Equal([true, false], frames.All.Select(frame => frame.IsStart));
        Assert.Equal([true, false], frames.All.Select(frame => frame.IsEntryPoint));
    }

    [Fact]
    public void MayBeComplete_PartOfAPacketHeld_IsFalse()
    {
        var frames = Recorder.Read([Packets.Association(), Packets.Map(), .. Video(0, 100, keyframe: true, FillingLength)]);
        frames.Reader.Write([TsPacket.SyncByte, 0x01]);

        Assert.False(frames.Reader.MayBeComplete);
    }

    [Fact]
    public void Write_LengthTold_EndsTheFrameWhateverFillsThePacket()
    {
        var counter = 0;
        var sound = Packets.Cut(Packets.AudioPid, Packets.Pes(0xC0, 300, new byte[(2 * 184) - 14], lengthTold: true), ref counter);

        var frames = Recorder.Read([Packets.Association(), Packets.Map(streams: (StreamType.Mpeg1Audio, Packets.AudioPid)), .. sound]);

        var frame = Assert.Single(frames.All);
        Assert.Equal((StreamKind.Audio, true, 300L), (frame.Kind, frame.IsEntryPoint, frame.Pts));
    }

    [Fact]
    public void Write_SoundInTheMiddleOfAPicture_DoesNotCutIt()
    {
        var counter = 0;
        var video = Video(0, 100, keyframe: true, StuffedLength);
        var sound = Packets.Cut(Packets.AudioPid, Packets.Pes(0xC0, 90, new byte[50], lengthTold: true), ref counter);

        var frames = Recorder.Read([Packets.Association(), Packets.Map(), .. video[..2], .. sound, .. video[2..], .. Sound(1, 95)]);

        Assert.Equal([StreamKind.Video, StreamKind.Audio], frames.All.Select(frame => frame.Kind));
        Assert.True(frames.All[0].IsEntryPoint);
        Assert.False(frames.All[1].IsEntryPoint);
    }

    [Fact]
    public void Write_KeyframeWithoutSequenceHeader_IsNoEntryPoint()
    {
        var frames = Recorder.Read([Packets.Association(), Packets.Map(), .. Video(0, 100, keyframe: false, StuffedLength)]);

        Assert.False(Assert.Single(frames.All).IsEntryPoint);
    }

    [Fact]
    public void Tables_OfALaterKeyframe_PrecedeItWithoutBreakingTheCounters()
    {
        var first = Video(0, 100, keyframe: true, StuffedLength);
        var second = Video(first.Count, 200, keyframe: true, StuffedLength);

        var frames = Recorder.Read([Packets.Association(5), Packets.Map(9), .. first, Packets.Association(6), Packets.Map(10), .. second]);
        var viewer = Recorder.Read([frames.All[1].Tables, frames.All[1].Packets]);

        Assert.Equal([.. Packets.Association(5), .. Packets.Map(9)], frames.All[1].Tables);
        Assert.True(viewer.All[^1].IsEntryPoint);
        Assert.Equal(0, viewer.Reader.Counters.ContinuityErrors);
    }

    [Fact]
    public void Write_MapOverSeveralPackets_IsReadAndRepeated()
    {
        // A long descriptor makes the map 500 bytes.
        byte[] body = [0xE1, 0x00, 0xF1, 0xE0, .. new byte[480], (byte)StreamType.Mpeg2Video, 0xE1, 0x00, 0xF0, 0];
        var map = Packets.SectionPackets(Packets.MapPid, 0, Packets.Section(2, 1, body));
        Assert.Equal(3 * TsPacket.Size, map.Length);

        var frames = Recorder.Read([Packets.Association(), map, .. Video(0, 100, keyframe: true, StuffedLength)]);

        Assert.Equal(4 * TsPacket.Size, Assert.Single(frames.All).Tables.Length);
    }

    [Fact]
    public void Write_MissingAndRepeatedPackets_AreCounted()
    {
        var video = Video(0, 100, keyframe: true, StuffedLength);

        var frames = Recorder.Read([Packets.Association(), Packets.Map(), video[0], video[0], video[2], video[3], .. video[4..]]);

        Assert.Equal(1, frames.Reader.Counters.ContinuityErrors);
        Assert.Equal((2 + video.Count - 1) * TsPacket.Size, Assert.Single(frames.All).Packets.Length);
    }

    [Fact]
    public void Write_UnknownNullAndDamagedPackets_AreLeftOut()
    {
        var damaged = Packets.Packet(Packets.VideoPid, 3, new byte[184]);
        damaged[1] |= 0x80;

        var frames = Recorder.Read(
        [
            Packets.Association(), Packets.Map(),
            Packets.Packet(0x555, 0, new byte[184]), Packets.Packet(TsPacket.NullPid, 0, new byte[184]), damaged,
            .. Video(0, 100, keyframe: true, StuffedLength),
        ]);

        Assert.Equal((2 + 6) * TsPacket.Size, Assert.Single(frames.All).Packets.Length);
        Assert.Equal((1L, 1L), (frames.Reader.Counters.UnknownPackets, frames.Reader.Counters.MalformedPackets));
    }

    [Fact]
    public void Write_AnotherProgramNamesOtherStreams_OnlyThoseAreRead()
    {
        var before = Video(0, 100, keyframe: true, StuffedLength);
        var after = Video(before.Count, 200, keyframe: true, StuffedLength);

        var frames = Recorder.Read([Packets.Association(), Packets.Map(), .. before, Packets.Map(1, 1, (StreamType.H264, 0x200)), .. after]);

        Assert.Single(frames.All);
        Assert.Equal((0x200, "h264"), (Assert.Single(frames.Reader.Streams).Pid, frames.Reader.Streams[0].Codec));
    }

    [Theory]
    [InlineData(188)]
    [InlineData(1000)]
    [InlineData(100_000)]
    public void Write_FrameWithoutEnd_IsCutAtTheLimit(int limit)
    {
        var largest = 0;
        var total = 0L;
        var reader = new TsFrameReader((in TsFrame frame) => (largest, total) = (Math.Max(largest, frame.Packets.Length), total + frame.Packets.Length), limit);
        reader.Write(Packets.Association());
        reader.Write(Packets.Map());
        var counter = 0;
        foreach (var packet in Packets.Cut(Packets.VideoPid, Packets.Pes(0xE0, 0, new byte[2_000_000], lengthTold: false), ref counter))
        {
            reader.Write(packet);
        }

        reader.Flush();
        Assert.InRange(largest, TsPacket.Size, limit);
        Assert.Equal((2 + counter) * (long)TsPacket.Size, total);
    }

    [Fact]
    public async Task Write_RealStreamCutAnywhere_GivesTheSameFrames()
    {
        var stream = await Ffmpeg.MakeAsync("-f lavfi -i testsrc2=size=160x120:rate=25 -f lavfi -i sine -t 1 -c:v mpeg1video -c:a mp2 -f mpegts");
        var whole = RecordedFrame.ReadAll(stream);

        foreach (var size in new[] { 1, 7, 187, 188, 189, 1000, 4096 })
        {
            var pieces = RecordedFrame.ReadAll(stream, size);

            Assert.Equal(whole.Select(frame => (frame.Packets.Length, frame.Kind, frame.IsEntryPoint, frame.Pts)), pieces.Select(frame => (frame.Packets.Length, frame.Kind, frame.IsEntryPoint, frame.Pts)));
        }
    }

    [Fact]
    public async Task Write_RealStreamsWithDamage_NeverFailsAndHandsOnWholePackets()
    {
        var streams = new[]
        {
            await Ffmpeg.MakeAsync("-f lavfi -i testsrc2=size=160x120:rate=25 -f lavfi -i sine -t 1 -c:v mpeg1video -c:a mp2 -f mpegts"),
            await Ffmpeg.MakeAsync("-f lavfi -i testsrc2=size=160x120:rate=25 -t 1 -c:v libx264 -g 5 -f mpegts"),
            await Ffmpeg.MakeAsync("-f lavfi -i testsrc2=size=160x120:rate=25 -t 1 -c:v libx265 -x265-params log-level=none -g 5 -f mpegts"),
        };
        var damage = Gen.Choose(0, int.MaxValue - 1);
        Prop.ForAll(damage.ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var stream = streams[random.Next(streams.Length)].ToArray();
            for (var hits = random.Next(200); hits > 0; hits--)
            {
                stream[random.Next(stream.Length)] = (byte)random.Next(256);
            }

            var from = random.Next(stream.Length);
            var without = random.Next(stream.Length - from);
            byte[] damaged = [.. stream.AsSpan(0, from), .. stream.AsSpan(from + without)];
            var frames = RecordedFrame.ReadAll(damaged, random.Next(1, 5000), 50_000);
            return frames.TrueForAll(frame => frame.Packets.Length % TsPacket.Size == 0 && frame.Packets.Length <= 50_000);
        }).Check(RandomInput.Cases(100));
    }

    [Fact]
    public void Write_PacketsOfAnyHeader_NeverFail()
    {
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            int[] pids = [0, 0x11, Packets.MapPid, Packets.VideoPid, Packets.AudioPid, 0x1FFF, 0x333];
            var packet = new byte[TsPacket.Size];
            var total = 0;
            var written = 2 * TsPacket.Size;
            var reader = new TsFrameReader((in TsFrame frame) => total += frame.Packets.Length, 5000);
            reader.Write(Packets.Association());
            reader.Write(Packets.Map(0, 1, ((StreamType)random.Next(0x30), Packets.VideoPid), (StreamType.H264, Packets.AudioPid)));
            for (var count = random.Next(200); count > 0; count--)
            {
                random.NextBytes(packet);
                var pid = pids[random.Next(pids.Length)];
                (packet[0], packet[1], packet[2]) = (TsPacket.SyncByte, (byte)((packet[1] & 0x40) | (pid >> 8)), (byte)pid);
                reader.Write(packet);
                written += TsPacket.Size;
            }

            reader.Flush();
            return total <= written;
        }).Check(RandomInput.Cases(100));
    }

    private static List<byte[]> Video(int counter, long pts, bool keyframe, int length) =>
        Packets.Cut(Packets.VideoPid, Packets.Pes(0xE0, pts, Packets.Picture(keyframe, length), lengthTold: false), ref counter);

    private static List<byte[]> Sound(int counter, long pts) =>
        Packets.Cut(Packets.AudioPid, Packets.Pes(0xC0, pts, new byte[50], lengthTold: true), ref counter);

    private sealed class Recorder
    {
        private Recorder() => Reader = new TsFrameReader((in TsFrame frame) => All.Add(RecordedFrame.From(frame)), 1_000_000);

        public TsFrameReader Reader { get; }

        public List<RecordedFrame> All { get; } = [];

        public static Recorder Read(IEnumerable<byte[]> packets)
        {
            var recorder = new Recorder();
            recorder.Write(packets);
            return recorder;
        }

        public void Write(IEnumerable<byte[]> packets)
        {
            foreach (var packet in packets)
            {
                Reader.Write(packet);
            }
        }
    }
}
