namespace LiveRobot.VideoRelay.Ingest;

/// <summary>Why an ingest ended.</summary>
internal enum IngestEnd
{
    /// <summary>It has not.</summary>
    None,

    /// <summary>The encoder said that it is done.</summary>
    Finished,

    /// <summary>The encoder's connection was lost.</summary>
    Lost,

    /// <summary>The encoder sent nothing for <see cref="VideoRelayOptions.IngestIdleTimeout"/>.</summary>
    Idle,

    /// <summary>What came is no transport stream.</summary>
    NoTransportStream,

    /// <summary>A newer encoder took the feed over.</summary>
    TakenOver,

    /// <summary>The stream key is no longer valid.</summary>
    Revoked,

    /// <summary>Nobody watches it any more at this edge.</summary>
    Unwatched,

    /// <summary>Another relay is the origin of this edge now.</summary>
    Moved,

    /// <summary>The relay shuts down.</summary>
    ShuttingDown,
}
