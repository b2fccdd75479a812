using System.ComponentModel.DataAnnotations;

namespace LiveRobot.Api.LookUps;

/// <summary>
/// The hosts and ports that clients are told (configuration section <c>Advertise</c>). What is not set is the host that
/// the caller itself used, and the port that the service listens on (section <c>Ports</c>). Robots compare the port
/// over a reconnect and quit when it has changed: change it only when they may.
/// </summary>
public sealed class AdvertiseOptions
{
    /// <summary>Gets or sets the host of all services, a name or an address without a port.</summary>
    public string? Host { get; set; }

    /// <summary>Gets or sets the host of the control socket, above <see cref="Host"/>.</summary>
    public string? ControlHost { get; set; }

    /// <summary>Gets or sets the host of the chat socket, above <see cref="Host"/>.</summary>
    public string? ChatHost { get; set; }

    /// <summary>Gets or sets the host of the status socket, above <see cref="Host"/>.</summary>
    public string? StatusHost { get; set; }

    /// <summary>Gets or sets the host of the relay, above <see cref="Host"/>.</summary>
    public string? RelayHost { get; set; }

    /// <summary>Gets or sets the port of the control socket.</summary>
    [Range(1, 65535)]
    public int? ControlPort { get; set; }

    /// <summary>Gets or sets the port of the chat socket.</summary>
    [Range(1, 65535)]
    public int? ChatPort { get; set; }

    /// <summary>Gets or sets the port of the status socket.</summary>
    [Range(1, 65535)]
    public int? StatusPort { get; set; }

    /// <summary>Gets or sets the port of the user socket.</summary>
    [Range(1, 65535)]
    public int? UserPort { get; set; }

    /// <summary>Gets or sets the relay's port for video.</summary>
    [Range(1, 65535)]
    public int? VideoPort { get; set; }

    /// <summary>Gets or sets the relay's port for audio.</summary>
    [Range(1, 65535)]
    public int? AudioPort { get; set; }
}
