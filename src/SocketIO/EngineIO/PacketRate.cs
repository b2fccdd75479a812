namespace SocketIO.EngineIO;

/// <summary>Counts packets in seconds, of which each begins with the first packet after the last.</summary>
internal struct PacketRate
{
    private long _began;
    private int _count;

    /// <summary>Counts a packet; false when it is one more than the second allows.</summary>
    public bool TryCount(long now, long ticksPerSecond, int max)
    {
        if (now - _began >= ticksPerSecond)
        {
            _began = now;
            _count = 0;
        }

        return ++_count <= max;
    }
}
