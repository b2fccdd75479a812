namespace MpegTs;

/// <summary>The checksum of sections: polynomial 0x04C11DB7, from all ones, not reflected, not inverted (ISO/IEC 13818-1, annex A).</summary>
internal static class Crc32Mpeg
{
    private const uint Polynomial = 0x04C11DB7;

    private static readonly uint[] Table = MakeTable();

    /// <summary>Computes the checksum; over a section that ends with its own checksum it is zero.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc = (crc << 8) ^ Table[(crc >> 24) ^ value];
        }

        return crc;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (var index = 0u; index < table.Length; index++)
        {
            var crc = index << 24;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x8000_0000) != 0 ? (crc << 1) ^ Polynomial : crc << 1;
            }

            table[index] = crc;
        }

        return table;
    }
}
