using System.Buffers.Binary;

namespace MpegTs;

/// <summary>The program association table: which PID carries the map of which program (ISO/IEC 13818-1, 2.4.4.4).</summary>
internal static class ProgramAssociation
{
    public const int Pid = 0;

    private const byte TableId = 0x00;
    private const int FixedSize = 8;
    private const int EntrySize = 4;
    private const int ChecksumSize = 4;

    /// <summary>Finds the first program of a section; false when it is another table, not yet valid, or names no program.</summary>
    public static bool TryReadFirstProgram(ReadOnlySpan<byte> section, out int programNumber, out int mapPid)
    {
        programNumber = mapPid = 0;
        if (section.Length < FixedSize + ChecksumSize || section[0] != TableId || !IsCurrent(section))
        {
            return false;
        }

        var entries = section[FixedSize..^ChecksumSize];
        for (; entries.Length >= EntrySize; entries = entries[EntrySize..])
        {
            programNumber = BinaryPrimitives.ReadUInt16BigEndian(entries);
            mapPid = BinaryPrimitives.ReadUInt16BigEndian(entries[2..]) & 0x1FFF;

            // Program 0 is the network information table.
            if (programNumber != 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Tells whether a section holds now, rather than next.</summary>
    public static bool IsCurrent(ReadOnlySpan<byte> section) => (section[5] & 0x01) != 0;
}
