namespace LiveRobot.VideoRelay.Viewers;

/// <summary>What has become of frames on their way to viewers.</summary>
/// <param name="Bytes">Bytes handed to connections, with the headers of WebSocket messages.</param>
/// <param name="Skips">How often a viewer who read too slowly was moved on to a keyframe.</param>
/// <param name="DroppedFrames">Frames that such viewers lost by it.</param>
internal readonly record struct Delivery(long Bytes, long Skips, long DroppedFrames)
{
    public static Delivery operator +(Delivery one, Delivery other) =>
        new(one.Bytes + other.Bytes, one.Skips + other.Skips, one.DroppedFrames + other.DroppedFrames);
}
