namespace MpegTs.Tests;

/// <summary>A frame, kept.</summary>
internal sealed record RecordedFrame(byte[] Packets, byte[] Tables, StreamKind Kind, bool IsStart, bool IsEntryPoint, long? Pts, long? Dts)
{
    public static RecordedFrame From(in TsFrame frame) =>
        new(frame.Packets.ToArray(), frame.Tables.ToArray(), frame.Kind, frame.IsStart, frame.IsEntryPoint, frame.Pts, frame.Dts);

    /// <summary>Reads a stream that comes in pieces of the given size.</summary>
    public static List<RecordedFrame> ReadAll(ReadOnlySpan<byte> stream, int pieceLength = int.MaxValue, int maxFrameLength = 1_000_000)
    {
        var frames = new List<RecordedFrame>();
        var reader = new TsFrameReader((in TsFrame frame) => frames.Add(From(frame)), maxFrameLength);
        while (!stream.IsEmpty)
        {
            var length = Math.Min(pieceLength, stream.Length);
            reader.Write(stream[..length]);
            stream = stream[length..];
        }

        reader.Flush();
        return frames;
    }
}
