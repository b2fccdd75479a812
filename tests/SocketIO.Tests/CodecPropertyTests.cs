using System.Buffers;
using System.Text;
using System.Text.Json;

using FsCheck;
using FsCheck.Fluent;

using LiveRobot.Testing;

using SocketIO.EngineIO;
using SocketIO.Packets;

using WebSockets;

namespace SocketIO.Tests;

/// <summary>What is encoded decodes to the same; any bytes give a packet or the codec's own refusal, and never an exception.</summary>
public sealed class CodecPropertyTests
{
    private static readonly Config Runs = RandomInput.Cases(2_000);

    private static Arbitrary<byte[]> Bytes { get; } = ArbMap.Default.ArbFor<byte[]>();

    private static Arbitrary<string> Text { get; } = Arb.From(ArbMap.Default.ArbFor<string>().Generator.Select(text => text is null ? "" : Valid(text)));

    /// <summary>Bytes that look like packets more often than chance would have it.</summary>
    private static Arbitrary<byte[]> AlmostPackets { get; } = Arb.From(
        from parts in Gen.Elements(
            "4", "2", "0", "1", "3", "5", "6", "b", "9", ":", "\u001e", "-", "/", ",", "?", "/admin", "12", "[", "]", "\"e\"", "{", "}", "{\"a\":1}",
            "[\"e\",1]", "\"", "\\", "é", "😀", " ", "\0", "\u00ff", "999999999999", "AQID", "==", "{\"_placeholder\":true,\"num\":0}").ArrayOf()
        select Encoding.UTF8.GetBytes(string.Concat(parts)));

    [Fact]
    public void Polling_packets_written_in_any_framing_are_read_back() => Prop.ForAll(
        Arb.From(Gen.OneOf(Text.Generator.Select(text => (object)text), Bytes.Generator.Select(bytes => (object)(bytes ?? []))).NonEmptyListOf()),
        Arb.From(Gen.Elements(0, 1, 2)),
        (messages, framingNumber) =>
        {
            var framing = (EngineIOFraming)framingNumber;
            var version = framing == EngineIOFraming.Separated ? 4 : 3;
            // The separator ends a packet, so protocol 4 text cannot hold it; JSON always escapes it.
            var sent = messages.Select(message => message is string text && version == 4 ? text.Replace("\u001e", "", StringComparison.Ordinal) : message).ToList();
            var body = EngineIOPayloadWriter.Write([.. sent.Select(message => Frame(message, version))], framing);

            var reader = new EngineIOPayloadReader(body, framing);
            foreach (var message in sent)
            {
                Assert.True(reader.TryRead(out var packet));
                Assert.Equal(EngineIOPacketType.Message, packet.Type);
                Assert.Equal(message is byte[], packet.IsBinary);
                var expected = message as byte[] ?? Expected((string)message, framing);
                Assert.Equal(expected, packet.Data.ToArray());
            }

            Assert.False(reader.TryRead(out _));
            Assert.False(reader.IsMalformed);
        }).Check(Runs);

    [Fact]
    public void Any_polling_body_is_read_to_its_end_or_refused() => Prop.ForAll(
        Arb.From(Gen.OneOf(Bytes.Generator.Select(bytes => bytes ?? []), AlmostPackets.Generator)),
        body =>
        {
            foreach (var framing in Enum.GetValues<EngineIOFraming>())
            {
                var reader = new EngineIOPayloadReader(body, framing);
                var packets = 0;
                while (reader.TryRead(out _))
                {
                    Assert.InRange(++packets, 1, body.Length);
                }
            }
        }).Check(Runs);

    [Fact]
    public void Every_prefix_of_a_polling_body_is_read_or_refused() => Prop.ForAll(
        Text,
        text =>
        {
            foreach (var framing in Enum.GetValues<EngineIOFraming>())
            {
                var body = EngineIOPayloadWriter.Write([Frame(text, framing == EngineIOFraming.Separated ? 4 : 3)], framing);
                for (var length = 0; length < body.Length; length++)
                {
                    var reader = new EngineIOPayloadReader(body.AsMemory(0, length), framing);
                    var isRead = reader.TryRead(out var packet);
                    // Lengths tell when something is missing; the separated framing has none.
                    Assert.True(framing == EngineIOFraming.Separated || !isRead, $"{framing}: {packet}");
                }
            }
        }).Check(RandomInput.Cases(100));

    [Fact]
    public void A_Socket_IO_packet_is_read_back_with_its_namespace_id_and_JSON() => Prop.ForAll(
        Text,
        Arb.From(Gen.Choose(-1, int.MaxValue)),
        Text,
        (name, id, argument) =>
        {
            var space = "/" + new string([.. name.Where(c => c is not (',' or '?'))]);
            var json = JsonSerializer.SerializeToUtf8Bytes(new[] { "event", argument });

            var frame = PacketEncoder.Encode(SocketIOPacketType.Event, space, id, json);

            Assert.Equal((byte)'4', frame.Payload.Span[0]);
            Assert.True(SocketIOPacket.TryParse(frame.Payload[1..], out var packet));
            Assert.Equal(SocketIOPacketType.Event, packet.Type);
            Assert.Equal(space, packet.Namespace);
            Assert.Equal(id, packet.Id);
            Assert.Equal(json, packet.Json.ToArray());
        }).Check(Runs);

    [Fact]
    public void Any_Socket_IO_packet_and_any_event_is_read_or_refused() => Prop.ForAll(
        Arb.From(Gen.OneOf(Bytes.Generator.Select(bytes => bytes ?? []), AlmostPackets.Generator)),
        bytes =>
        {
            if (SocketIOPacket.TryParse(bytes, out var packet))
            {
                Assert.InRange(packet.Id, -1, long.MaxValue);
                Assert.InRange(packet.Attachments, 0, int.MaxValue);
                SocketIOPacket.IsArray(packet.Json.Span);
            }

            Span<char> buffer = stackalloc char[8];
            var copy = bytes.ToArray();
            if (SocketIOPacket.TryReadEvent(copy, buffer, out _, out var arguments, out var count))
            {
                Assert.Equal(count, JsonDocument.Parse(arguments).RootElement.GetArrayLength());
            }
        }).Check(Runs);

    [Fact]
    public void An_event_is_read_back_with_its_name_and_the_same_arguments() => Prop.ForAll(
        Text,
        Arb.From(Text.Generator.ListOf()),
        (name, arguments) =>
        {
            var json = JsonSerializer.SerializeToUtf8Bytes((string[])[name, .. arguments]);

            Assert.True(SocketIOPacket.TryReadEvent(json, stackalloc char[16], out var readName, out var readArguments, out var count));

            Assert.Equal(name, readName.ToString());
            Assert.Equal(arguments.Count, count);
            Assert.Equal(arguments, JsonSerializer.Deserialize<List<string>>(readArguments.Span));
        }).Check(Runs);

    [Fact]
    public void Escaped_JSON_is_ASCII_and_means_the_same() => Prop.ForAll(
        Text,
        text =>
        {
            var message = EventMessage.Create("e", text);
            var escaped = AsciiJson.Escape(Encoding.UTF8.GetBytes(message.ToString()));

            Assert.True(Ascii.IsValid(escaped));
            Assert.Equal(text, JsonSerializer.Deserialize<string[]>(escaped)![1]);
        }).Check(Runs);

    [Fact]
    public void Any_frame_header_is_read_refused_or_waited_for() => Prop.ForAll(
        Bytes,
        bytes =>
        {
            // Frames of a client, so that more than the second byte is looked at.
            var masked = (bytes ?? []).ToArray();
            if (masked.Length > 1)
            {
                masked[0] &= 0x8F;
                masked[1] |= 0x80;
            }

            var result = FrameHeader.Read(masked, out var header);

            Assert.True(result != FrameHeaderResult.NeedMore || masked.Length < FrameHeader.MaxBytes);
            Assert.True(result != FrameHeaderResult.Read || (header.HeaderBytes <= masked.Length && header.PayloadBytes >= 0));
        }).Check(Runs);

    private static WebSocketFrame Frame(object message, int version) => message switch
    {
        string text => WebSocketFrame.Text("4" + text),
        byte[] bytes when version == 4 => WebSocketFrame.Binary(bytes),
        byte[] bytes => WebSocketFrame.Binary([4, .. bytes]),
        _ => throw new ArgumentException("Neither text nor bytes.", nameof(message)),
    };

    /// <summary>Text in lengths that looks as if it were encoded twice is taken as such; see <see cref="EngineIOPayloadReader"/>.</summary>
    private static byte[] Expected(string text, EngineIOFraming framing)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        if (framing == EngineIOFraming.TextLengths && !Ascii.IsValid(text) && text.All(c => c <= 0xFF))
        {
            var once = Encoding.Latin1.GetBytes(text);
            return System.Text.Unicode.Utf8.IsValid(once) ? once : utf8;
        }

        return utf8;
    }

    /// <summary>Replaces halves of surrogate pairs, which no UTF-8 can hold.</summary>
    private static string Valid(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
