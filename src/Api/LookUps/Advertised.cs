using System.Text.Json.Serialization;

using LiveRobot.Platform.Hosting;

using Microsoft.Extensions.Options;

namespace LiveRobot.Api.LookUps;

/// <summary>Where clients find the services.</summary>
internal sealed class Advertised(IOptions<AdvertiseOptions> advertise, IOptions<PortOptions> ports)
{
    private readonly AdvertiseOptions _advertise = advertise.Value;
    private readonly PortOptions _ports = ports.Value;

    public HostPort Control(HttpRequest request) =>
        new(HostOf(_advertise.ControlHost, request), _advertise.ControlPort ?? _ports.Control);

    public HostPort Chat(HttpRequest request) =>
        new(HostOf(_advertise.ChatHost, request), _advertise.ChatPort ?? _ports.Chat);

    public HostPort Status(HttpRequest request) =>
        new(HostOf(_advertise.StatusHost, request), _advertise.StatusPort ?? _ports.Status);

    /// <summary>Gets the port of the user socket; existing viewer apps know its host.</summary>
    public int UserPort => _advertise.UserPort ?? _ports.User;

    public RelayHost Relay(HttpRequest request) => new(HostOf(_advertise.RelayHost, request));

    public VideoPort Video() => new(_advertise.VideoPort ?? _ports.Video);

    public AudioPort Audio() => new(_advertise.AudioPort ?? _ports.Audio);

    private string HostOf(string? host, HttpRequest request) =>
        !string.IsNullOrEmpty(host) ? host : !string.IsNullOrEmpty(_advertise.Host) ? _advertise.Host : request.Host.Host;
}

/// <summary>Where a socket is. Existing clients need <c>port</c> as a JSON number.</summary>
internal sealed record HostPort(
    [property: JsonPropertyName("host")] string Host,
    [property: JsonPropertyName("port")] int Port);

/// <summary>Where the relay is: a bare host.</summary>
internal sealed record RelayHost([property: JsonPropertyName("host")] string Host);

/// <summary>The relay's port for video: <c>port</c> by the API document, <c>mpeg_stream_port</c> for existing clients.</summary>
internal sealed record VideoPort([property: JsonPropertyName("port")] int Port)
{
    [JsonPropertyName("mpeg_stream_port")]
    public int MpegStreamPort => Port;
}

/// <summary>The relay's port for audio: <c>port</c> by the API document, <c>audio_stream_port</c> for existing clients.</summary>
internal sealed record AudioPort([property: JsonPropertyName("port")] int Port)
{
    [JsonPropertyName("audio_stream_port")]
    public int AudioStreamPort => Port;
}
