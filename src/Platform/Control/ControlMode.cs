using System.Text.Json.Serialization;

namespace LiveRobot.Platform.Control;

/// <summary>How those who may drive a robot share it. The owner chooses.</summary>
[JsonConverter(typeof(ControlModeConverter))]
public enum ControlMode
{
    /// <summary>All at once.</summary>
    Everyone,

    /// <summary>What most of them press within a window of time is sent.</summary>
    Vote,

    /// <summary>One after the other, each for a time.</summary>
    Queue,

    /// <summary>Nobody but the owner, for now.</summary>
    Owner,
}

/// <summary>The words of <see cref="ControlMode"/> in the API, on sockets and in the store: <c>everyone</c>, <c>vote</c>, <c>queue</c>, <c>owner</c>.</summary>
internal sealed class ControlModeConverter() : JsonStringEnumConverter<ControlMode>(System.Text.Json.JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);
