using System.ComponentModel.DataAnnotations;

namespace LiveRobot.Platform.Hosting;

/// <summary>The ports of the services (configuration section <c>Ports</c>). Every port takes plain HTTP and TLS.</summary>
public sealed class PortOptions
{
    /// <summary>Gets or sets the port of the API and the site.</summary>
    [Range(1, 65535)]
    public int Api { get; set; } = 8080;

    /// <summary>Gets or sets a second port of the API and the site, where people expect TLS.</summary>
    [Range(1, 65535)]
    public int ApiTls { get; set; } = 8443;

    /// <summary>Gets or sets the port of the user socket. Existing clients have 8000 built in.</summary>
    [Range(1, 65535)]
    public int User { get; set; } = 8000;

    /// <summary>Gets or sets the port of the control socket.</summary>
    [Range(1, 65535)]
    public int Control { get; set; } = 8021;

    /// <summary>Gets or sets the port of the status socket. Existing robot clients have 8022 built in.</summary>
    [Range(1, 65535)]
    public int Status { get; set; } = 8022;

    /// <summary>Gets or sets the port of the chat socket.</summary>
    [Range(1, 65535)]
    public int Chat { get; set; } = 8023;

    /// <summary>Gets or sets the relay's port for video: ingest and viewers.</summary>
    [Range(1, 65535)]
    public int Video { get; set; } = 8082;

    /// <summary>Gets or sets the relay's port for audio: ingest and viewers.</summary>
    [Range(1, 65535)]
    public int Audio { get; set; } = 8083;
}
