namespace WebSockets;

/// <summary>The close codes in use (RFC 6455 section 7.4.1).</summary>
public static class CloseCode
{
    /// <summary>The purpose of the connection is fulfilled.</summary>
    public const int Normal = 1000;

    /// <summary>The server goes down.</summary>
    public const int GoingAway = 1001;

    /// <summary>The peer broke the protocol.</summary>
    public const int ProtocolError = 1002;

    /// <summary>Never sent: there was a close frame without a code.</summary>
    public const int None = 1005;

    /// <summary>Never sent: there was no close frame.</summary>
    public const int Abnormal = 1006;

    /// <summary>A text message was not UTF-8.</summary>
    public const int InvalidPayload = 1007;

    /// <summary>The peer may not do what it did.</summary>
    public const int PolicyViolation = 1008;

    /// <summary>A message was too long.</summary>
    public const int MessageTooLong = 1009;

    /// <summary>Gets whether a peer may put this code into a close frame (sections 7.4.1 and 7.4.2).</summary>
    internal static bool IsValidOnWire(int code) => code is (>= 1000 and <= 1014 and not 1004 and not None and not Abnormal) or (>= 3000 and < 5000);
}
