using System.Buffers;
using System.Text.Json;

using LiveRobot.VideoRelay.Feeds;

using WebSockets;

namespace LiveRobot.VideoRelay.Viewers;

/// <summary>Why what a viewer gets now does not follow on what it got before.</summary>
internal enum Beginning
{
    /// <summary>It does follow.</summary>
    None,

    /// <summary>The viewer has just come.</summary>
    Joined,

    /// <summary>The viewer read too slowly and was moved on.</summary>
    Skipped,

    /// <summary>Another encoder sends now: time and counters begin anew.</summary>
    Reset,
}

/// <summary>What is told beside the picture, as text messages of JSON, to viewers that asked for the subprotocol.</summary>
/// <remarks>
/// <code>
/// {"type":"begin","reason":"joined","skips":0,"video":"mpeg1video","audio":null,"width":640,"height":480,"frameRate":25}
///     before PAT, PMT and a keyframe; reason is joined, skipped or reset; skips counts since the viewer joined
/// {"type":"clock","pts":900000,"time":1763719200123}
///     about once a second, before the frame with this PTS (1/90,000 s): when it was complete here, in Unix milliseconds
/// </code>
/// All other viewers get MPEG-TS and nothing else: the common players fail on text.
/// </remarks>
internal static class SideMessages
{
    public const string Subprotocol = "liverobot.v1";

    /// <summary>Tells a viewer that it begins.</summary>
    public static WebSocketFrame Begin(Beginning reason, long skips, FeedDescription? feed) => Write(json =>
    {
        json.WriteString("type"u8, "begin"u8);
        json.WriteString("reason"u8, reason switch
        {
            Beginning.Joined => "joined"u8,
            Beginning.Skipped => "skipped"u8,
            _ => "reset"u8,
        });
        json.WriteNumber("skips"u8, skips);
        json.WriteString("video"u8, feed?.VideoCodec);
        json.WriteString("audio"u8, feed?.AudioCodec);
        WriteNumber(json, "width", feed?.Width);
        WriteNumber(json, "height", feed?.Height);
        WriteNumber(json, "frameRate", feed?.FrameRate);
    });

    /// <summary>Tells when a frame arrived.</summary>
    public static WebSocketFrame Clock(long pts, DateTimeOffset time) => Write(json =>
    {
        json.WriteString("type"u8, "clock"u8);
        json.WriteNumber("pts"u8, pts);
        json.WriteNumber("time"u8, time.ToUnixTimeMilliseconds());
    });

    private static void WriteNumber(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static WebSocketFrame Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return WebSocketFrame.Text(buffer.WrittenSpan);
    }
}
