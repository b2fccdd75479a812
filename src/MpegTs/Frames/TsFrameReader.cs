namespace MpegTs;

/// <summary>Reads a transport stream, in whatever pieces it comes, and hands it on in frames.</summary>
/// <remarks>
/// <para>
/// Of several programs the first is read. Its first video stream leads, or without one its first audio stream: where a
/// frame of the leading stream ends, a cut is made; frames of other streams are cut off where they lie between those.
/// The end of a frame is known from the length of its PES packet, or from stuffing in its last packet; failing both,
/// from the start of the next, or from <see cref="Flush"/>. All known packets are handed on, in order; packets that only
/// fill, that repeat the one before, or whose PID no table names are left out.
/// </para>
/// <para>Memory is bounded by the longest frame, whatever arrives. Not safe for several threads.</para>
/// </remarks>
public sealed class TsFrameReader
{
    /// <summary>PIDs up to this one are reserved for tables.</summary>
    private const int LastTablePid = 0x1F;

    private readonly TsFrameHandler _handler;
    private readonly TsPacketReader _packets = new();
    private readonly SectionReader _associationSections = new();
    private readonly SectionReader _mapSections = new();
    private readonly ContinuityCheck _associationContinuity = new();
    private readonly Dictionary<int, ElementaryStream> _streams = [];
    private readonly int _maxFrameLength;

    private byte[] _association = [];
    private byte[] _map = [];
    private ContinuityCheck _mapContinuity = new();
    private int _mapPid = -1;
    private int _programNumber;
    private int _pcrPid = -1;
    private ElementaryStream? _lead;

    private byte[] _frame = new byte[64 * TsPacket.Size];
    private int _frameLength;
    private ElementaryStream? _frameStream;
    private bool _frameHasStart;
    private int _associationCounterBefore;
    private int _mapCounterBefore;

    private long _packetCount;
    private long _continuityErrors;
    private long _malformedPackets;
    private long _unknownPackets;

    /// <summary>Creates a reader.</summary>
    /// <param name="handler">Takes the frames.</param>
    /// <param name="maxFrameLength">Where a frame that does not end is cut, in bytes; at least one packet.</param>
    public TsFrameReader(TsFrameHandler handler, int maxFrameLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxFrameLength, TsPacket.Size);
        _handler = handler;
        _maxFrameLength = maxFrameLength;
    }

    /// <summary>Gets what went wrong so far.</summary>
    public TsCounters Counters => new(
        _packetCount,
        _packets.SkippedBytes,
        _packets.SyncLosses,
        _continuityErrors,
        _malformedPackets,
        _unknownPackets,
        _associationSections.Errors + _mapSections.Errors);

    /// <summary>
    /// Gets whether what was read so far may be a whole frame whose end the stream does not tell: if nothing more comes
    /// for a moment, <see cref="Flush"/> hands it on.
    /// </summary>
    public bool MayBeComplete =>
        _frameStream is { UnitOpen: true, LengthKnown: false } && !_packets.HasPartialPacket;

    /// <summary>Lists the streams of the program, as far as the tables have come.</summary>
    public IReadOnlyList<TsStreamInfo> Streams =>
        [.. _streams.Values.Select(stream => new TsStreamInfo(stream.Pid, stream.Kind, stream.Format?.Codec ?? stream.Type.CodecName(), stream.Format))];

    /// <summary>Reads what has come.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (_packets.TryRead(ref bytes, out var packet))
        {
            ReadPacket(packet);
        }
    }

    /// <summary>Hands on what there is as a frame.</summary>
    public void Flush()
    {
        if (_frameLength == 0)
        {
            return;
        }

        // An open unit is judged by what has come of it.
        if (_frameStream is { UnitOpen: true } stream)
        {
            stream.Inspect(whole: true);
        }

        var isEntryPoint = _frameHasStart && _frameStream == _lead && (_lead?.Kind != StreamKind.Video || _lead.Keyframe);
        Span<byte> tables = stackalloc byte[isEntryPoint ? MaxTablesSize : 0];
        var frame = new TsFrame
        {
            Packets = _frame.AsSpan(0, _frameLength),
            Tables = isEntryPoint ? tables[..WriteTables(tables)] : default,
            Kind = _frameStream?.Kind ?? StreamKind.Data,
            IsStart = _frameHasStart,
            IsEntryPoint = isEntryPoint,
            Pts = _frameHasStart ? _frameStream?.Pts : null,
            Dts = _frameHasStart ? _frameStream?.Dts : null,
        };
        _frameLength = 0;
        _frameStream = null;
        _frameHasStart = false;
        _handler(frame);
    }

    private int MaxTablesSize =>
        (SectionPackets.CountFor(_association.Length) + SectionPackets.CountFor(_map.Length)) * TsPacket.Size;

    private void ReadPacket(ReadOnlySpan<byte> bytes)
    {
        _packetCount++;
        if (!TsPacket.TryParse(bytes, out var packet) || packet.TransportError)
        {
            _malformedPackets++;
            return;
        }

        var pid = packet.Pid;
        if (pid == TsPacket.NullPid)
        {
            return;
        }

        if (_streams.TryGetValue(pid, out var stream))
        {
            ReadStream(stream, packet);
        }
        else if (pid == ProgramAssociation.Pid)
        {
            ReadTable(packet, _associationContinuity, _associationSections, TakeAssociation);
        }
        else if (pid == _mapPid)
        {
            ReadTable(packet, _mapContinuity, _mapSections, TakeMap);
        }
        else if (pid <= LastTablePid || pid == _pcrPid)
        {
            Append(bytes);
        }
        else
        {
            _unknownPackets++;
        }
    }

    private void ReadTable(in TsPacket packet, ContinuityCheck continuity, SectionReader sections, SectionHandler handler)
    {
        var before = continuity.Last;
        switch (continuity.Check(packet))
        {
            case Continuity.Duplicate:
                return;
            case Continuity.Broken:
                _continuityErrors++;
                sections.Reset();
                break;
        }

        Append(packet.Bytes, before, ReferenceEquals(continuity, _associationContinuity));
        sections.Read(packet.Payload, packet.PayloadUnitStart && packet.HasPayload, handler);
    }

    private void ReadStream(ElementaryStream stream, in TsPacket packet)
    {
        switch (stream.Continuity.Check(packet))
        {
            case Continuity.Duplicate:
                return;
            case Continuity.Broken:
                _continuityErrors++;
                break;
        }

        if (!packet.HasPayload)
        {
            Append(packet.Bytes);
            return;
        }

        if (packet.PayloadUnitStart)
        {
            if (stream.UnitOpen)
            {
                stream.End();
                CutAfter(stream);
            }

            stream.Begin(packet);
        }
        else if (!stream.UnitOpen)
        {
            stream.Continue();
        }

        Append(packet.Bytes);

        // Set only now: a frame that grows too long is cut in the line above, and what follows is its rest.
        if (packet.PayloadUnitStart && (stream == _lead || !_frameHasStart))
        {
            _frameStream = stream;
            _frameHasStart = true;
        }
        else
        {
            _frameStream ??= stream;
        }

        if (stream.Read(packet))
        {
            CutAfter(stream);
        }
    }

    /// <summary>Cuts where a unit ended, unless that would cut through a frame of the leading stream.</summary>
    private void CutAfter(ElementaryStream stream)
    {
        if (stream == _lead || _lead is not { UnitOpen: true })
        {
            Flush();
        }
    }

    private void Append(ReadOnlySpan<byte> packet)
    {
        if (_frameLength + packet.Length > _maxFrameLength)
        {
            Flush();
        }

        if (_frameLength == 0)
        {
            _associationCounterBefore = _associationContinuity.Last;
            _mapCounterBefore = _mapContinuity.Last;
        }

        if (_frameLength + packet.Length > _frame.Length)
        {
            Array.Resize(ref _frame, Math.Min(2 * _frame.Length, Math.Max(_maxFrameLength, _frameLength + packet.Length)));
        }

        packet.CopyTo(_frame.AsSpan(_frameLength));
        _frameLength += packet.Length;
    }

    /// <summary>Appends a packet of a table whose counter has been read already.</summary>
    private void Append(ReadOnlySpan<byte> packet, int counterBefore, bool association)
    {
        Append(packet);
        if (_frameLength == packet.Length)
        {
            if (association)
            {
                _associationCounterBefore = counterBefore;
            }
            else
            {
                _mapCounterBefore = counterBefore;
            }
        }
    }

    private void TakeAssociation(ReadOnlySpan<byte> section)
    {
        if (section.SequenceEqual(_association)
            || !ProgramAssociation.TryReadFirstProgram(section, out var programNumber, out var mapPid))
        {
            return;
        }

        _association = section.ToArray();
        if (programNumber == _programNumber && mapPid == _mapPid)
        {
            return;
        }

        _programNumber = programNumber;
        _mapPid = mapPid;
        _mapContinuity = new ContinuityCheck();
        _mapSections.Reset();
        _map = [];
        _pcrPid = -1;
        _streams.Clear();
        _lead = null;
    }

    private void TakeMap(ReadOnlySpan<byte> section)
    {
        if (section.SequenceEqual(_map) || ProgramMap.Read(section, _programNumber) is not { } map)
        {
            return;
        }

        _map = section.ToArray();
        _pcrPid = map.PcrPid;
        var before = _streams.Values.ToDictionary(stream => stream.Pid);
        _streams.Clear();
        foreach (var (pid, type) in map.Streams)
        {
            // A PID that is also a table's, or listed twice, is a damaged map's.
            if (pid > LastTablePid && pid != _mapPid && pid != TsPacket.NullPid)
            {
                _streams[pid] = before.TryGetValue(pid, out var known) && known.Type == type ? known : new ElementaryStream(pid, type);
            }
        }

        _lead = _streams.Values.FirstOrDefault(stream => stream.Kind == StreamKind.Video)
            ?? _streams.Values.FirstOrDefault(stream => stream.Kind == StreamKind.Audio)
            ?? _streams.Values.FirstOrDefault();
    }

    private int WriteTables(Span<byte> destination)
    {
        // Before the first packet of a table any counter is right.
        var length = SectionPackets.Write(_association, ProgramAssociation.Pid, Math.Max(_associationCounterBefore, 0), destination);
        return length + SectionPackets.Write(_map, _mapPid, Math.Max(_mapCounterBefore, 0), destination[length..]);
    }
}
