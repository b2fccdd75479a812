using SocketIO.Packets;

namespace SocketIO;

/// <summary>An event that came before its client had asked to join the namespace, copied.</summary>
internal sealed record EarlyPacket(SocketIOPacket Header, IReadOnlyList<ReadOnlyMemory<byte>> Attachments);

/// <summary>The events of one client that wait for it to join their namespaces, within a number of bytes. For one thread at a time.</summary>
internal sealed class EarlyPackets(long maxBytes)
{
    private const int OverheadBytes = 256;

    private readonly List<EarlyPacket> _packets = [];
    private long _bytes;

    /// <summary>Keeps an event; false when that would be too much.</summary>
    public bool TryAdd(in SocketIOPacket packet, IReadOnlyList<ReadOnlyMemory<byte>> attachments)
    {
        var early = new EarlyPacket(packet with { Json = packet.Json.ToArray() }, attachments);
        _bytes += SizeOf(early);
        if (_bytes > maxBytes)
        {
            return false;
        }

        _packets.Add(early);
        return true;
    }

    /// <summary>Takes the events for a namespace, in their order.</summary>
    public IReadOnlyList<EarlyPacket> Take(string @namespace)
    {
        List<EarlyPacket> taken = [.. _packets.Where(packet => packet.Header.Namespace == @namespace)];
        _packets.RemoveAll(packet => packet.Header.Namespace == @namespace);
        _bytes -= taken.Sum(SizeOf);
        return taken;
    }

    private static long SizeOf(EarlyPacket packet) =>
        OverheadBytes + packet.Header.Json.Length + packet.Header.Namespace.Length + packet.Attachments.Sum(static attachment => (long)attachment.Length);
}
