using System.Buffers.Binary;

namespace MpegTs;

/// <summary>The program map table: the elementary streams of a program (ISO/IEC 13818-1, 2.4.4.8).</summary>
internal sealed record ProgramMap(int PcrPid, IReadOnlyList<(int Pid, StreamType Type)> Streams)
{
    /// <summary>More streams than any robot sends; what a map lists beyond them is ignored.</summary>
    public const int MaxStreams = 16;

    private const byte TableId = 0x02;
    private const int FixedSize = 12;
    private const int StreamSize = 5;
    private const int ChecksumSize = 4;
    private const byte RegistrationDescriptor = 0x05;
    private const byte Ac3Descriptor = 0x6A;
    private const byte EnhancedAc3Descriptor = 0x7A;

    /// <summary>Reads a section; null when it is another table or program, not yet valid, or contradicts itself.</summary>
    public static ProgramMap? Read(ReadOnlySpan<byte> section, int programNumber)
    {
        if (section.Length < FixedSize + ChecksumSize
            || section[0] != TableId
            || !ProgramAssociation.IsCurrent(section)
            || BinaryPrimitives.ReadUInt16BigEndian(section[3..]) != programNumber)
        {
            return null;
        }

        var pcrPid = BinaryPrimitives.ReadUInt16BigEndian(section[8..]) & 0x1FFF;
        var programInfoLength = BinaryPrimitives.ReadUInt16BigEndian(section[10..]) & 0x0FFF;
        var rest = section[FixedSize..^ChecksumSize];
        if (programInfoLength > rest.Length)
        {
            return null;
        }

        var streams = new List<(int Pid, StreamType Type)>();
        rest = rest[programInfoLength..];
        while (rest.Length >= StreamSize && streams.Count < MaxStreams)
        {
            var type = (StreamType)rest[0];
            var pid = BinaryPrimitives.ReadUInt16BigEndian(rest[1..]) & 0x1FFF;
            var infoLength = BinaryPrimitives.ReadUInt16BigEndian(rest[3..]) & 0x0FFF;
            rest = rest[StreamSize..];
            if (infoLength > rest.Length)
            {
                return null;
            }

            streams.Add((pid, type == StreamType.PrivateData ? PrivateType(rest[..infoLength]) : type));
            rest = rest[infoLength..];
        }

        return new ProgramMap(pcrPid, streams);
    }

    /// <summary>Private data says in a descriptor what it is.</summary>
    private static StreamType PrivateType(ReadOnlySpan<byte> descriptors)
    {
        while (descriptors.Length >= 2 && 2 + descriptors[1] <= descriptors.Length)
        {
            var body = descriptors.Slice(2, descriptors[1]);
            switch (descriptors[0])
            {
                case Ac3Descriptor:
                    return StreamType.Ac3;
                case EnhancedAc3Descriptor:
                    return StreamType.EnhancedAc3;
                case RegistrationDescriptor when body.StartsWith("Opus"u8):
                    return StreamType.Opus;
                case RegistrationDescriptor when body.StartsWith("AC-3"u8):
                    return StreamType.Ac3;
                case RegistrationDescriptor when body.StartsWith("HEVC"u8):
                    return StreamType.H265;
            }

            descriptors = descriptors[(2 + descriptors[1])..];
        }

        return StreamType.PrivateData;
    }
}
