namespace MpegTs;

/// <summary>One elementary stream of the program, followed from PES packet to PES packet.</summary>
/// <remarks>A unit here is what one PES packet holds: for video a frame, for audio one frame or several.</remarks>
internal sealed class ElementaryStream(int pid, StreamType type)
{
    /// <summary>
    /// How much of the beginning of a video unit is looked at. Parameter sets and SEI messages of known encoders stay
    /// under 2 kB; what begins later does not make a keyframe.
    /// </summary>
    private const int MaxHead = 8192;

    private readonly byte[] _head = new byte[type.Kind() == StreamKind.Video ? MaxHead : PesHeader.MaxSize];
    private int _headLength;
    private PesHeader? _header;
    private long _received;
    private bool _headerDecided;
    private bool? _keyframe;
    private VideoFormat? _format;

    public int Pid { get; } = pid;

    public StreamType Type { get; } = type;

    public StreamKind Kind { get; } = type.Kind();

    public ContinuityCheck Continuity { get; } = new();

    /// <summary>Gets what the stream last said of its pictures.</summary>
    public VideoFormat? Format => _format;

    /// <summary>Gets whether a unit has begun, or the rest of one is being received, and its end has not been seen.</summary>
    public bool UnitOpen { get; private set; }

    /// <summary>Gets whether the end of the unit is told by its length.</summary>
    public bool LengthKnown => _header?.PacketLength is not null;

    /// <summary>Gets whether decoding can begin with the unit, as far as that is known.</summary>
    public bool Keyframe => _keyframe ?? false;

    public long? Pts => _header?.Pts;

    public long? Dts => _header?.Dts ?? _header?.Pts;

    /// <summary>Begins a unit with the packet that carries its PES header.</summary>
    public void Begin(in TsPacket packet)
    {
        UnitOpen = true;
        _headLength = 0;
        _received = 0;
        _header = null;
        _headerDecided = packet.Scrambled;
        _keyframe = InspectsPictures && !packet.Scrambled ? null : packet.RandomAccess;
    }

    /// <summary>Takes up the rest of a unit whose end was taken to be earlier, or whose beginning was not seen.</summary>
    public void Continue()
    {
        UnitOpen = true;
        _header = null;
        _headerDecided = true;
        _keyframe = false;
    }

    /// <summary>Reads a payload. True when the unit ends with it.</summary>
    public bool Read(in TsPacket packet)
    {
        var payload = packet.Payload;
        _received += payload.Length;
        if (!_headerDecided || _keyframe is null)
        {
            var taken = Math.Min(payload.Length, _head.Length - _headLength);
            payload[..taken].CopyTo(_head.AsSpan(_headLength));
            _headLength += taken;
            Inspect(whole: false);
        }

        var ends = _header?.PacketLength is { } length ? _received >= length : packet.HasStuffing;
        if (ends)
        {
            End();
        }

        return ends;
    }

    /// <summary>Ends the unit: nothing more of it will be looked at.</summary>
    public void End()
    {
        Inspect(whole: true);
        UnitOpen = false;
    }

    /// <summary>Settles, from what there is, whether this is a keyframe.</summary>
    public void Inspect(bool whole)
    {
        var head = _head.AsSpan(0, _headLength);
        if (!_headerDecided)
        {
            switch (PesHeader.TryRead(head, out var header))
            {
                case PesHeaderResult.NeedsMore when !whole:
                    return;
                case PesHeaderResult.Complete:
                    _header = header;
                    break;
                default:
                    _keyframe = false;
                    break;
            }

            _headerDecided = true;
        }

        if (_keyframe is not null || _header is not { } read)
        {
            return;
        }

        var unit = head[read.HeaderLength..];
        _keyframe = Type switch
        {
            StreamType.H264 => H264.IsKeyframe(unit, whole, ref _format),
            StreamType.H265 => H265.IsKeyframe(unit, whole, ref _format),
            _ => MpegVideo.IsKeyframe(unit, ref _format),
        };
        if (whole || _headLength == _head.Length)
        {
            _keyframe ??= false;
        }
    }

    private bool InspectsPictures =>
        Type is StreamType.Mpeg1Video or StreamType.Mpeg2Video or StreamType.H264 or StreamType.H265;
}
