using System.Numerics;
using System.Runtime.InteropServices;

namespace WebSockets;

/// <summary>Masking of payloads (RFC 6455 section 5.3). It is its own inverse.</summary>
internal static class Masking
{
    /// <summary>Applies the key in place, beginning with the key's first byte. The key is in wire order, read little-endian.</summary>
    public static void Apply(Span<byte> payload, uint key)
    {
        if (!BitConverter.IsLittleEndian)
        {
            key = System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(key);
        }

        var vectors = MemoryMarshal.Cast<byte, Vector<uint>>(payload);
        var keyVector = new Vector<uint>(key);
        for (var i = 0; i < vectors.Length; i++)
        {
            vectors[i] ^= keyVector;
        }

        payload = payload[(vectors.Length * Vector<byte>.Count)..];
        var words = MemoryMarshal.Cast<byte, uint>(payload);
        for (var i = 0; i < words.Length; i++)
        {
            words[i] ^= key;
        }

        payload = payload[(words.Length * sizeof(uint))..];
        Span<byte> keyBytes = stackalloc byte[sizeof(uint)];
        MemoryMarshal.Write(keyBytes, in key);
        for (var i = 0; i < payload.Length; i++)
        {
            payload[i] ^= keyBytes[i];
        }
    }
}
