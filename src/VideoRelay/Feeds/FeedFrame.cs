using MpegTs;

using WebSockets;

namespace LiveRobot.VideoRelay.Feeds;

/// <summary>A frame of a feed, encoded once for all its viewers. Immutable.</summary>
internal sealed class FeedFrame(in TsFrame frame, FeedDescription description, long arrived, WebSocketFrame? clock)
{
    /// <summary>Gets the frame's packets as one binary message.</summary>
    public WebSocketFrame Message { get; } = WebSocketFrame.Binary(frame.Packets);

    /// <summary>Gets PAT and PMT, to be sent before the frame to a viewer that begins with it; null unless <see cref="IsEntryPoint"/>.</summary>
    public WebSocketFrame? Tables { get; } = frame.IsEntryPoint ? WebSocketFrame.Binary(frame.Tables) : null;

    /// <summary>Gets what the feed is.</summary>
    public FeedDescription Description { get; } = description;

    /// <summary>Gets the word on when this frame arrived, for viewers that asked for such; null with most frames.</summary>
    public WebSocketFrame? Clock { get; } = clock;

    /// <summary>Gets whether a viewer can begin with this frame.</summary>
    public bool IsEntryPoint => Tables is not null;

    /// <summary>Gets whether this is the beginning of a frame rather than more of one that was cut.</summary>
    public bool IsStart { get; } = frame.IsStart;

    /// <summary>Gets the size of the message in bytes.</summary>
    public int Length => Message.Bytes.Length;

    /// <summary>Gets when the frame was complete, as a timestamp of the clock.</summary>
    public long Arrived { get; } = arrived;
}
