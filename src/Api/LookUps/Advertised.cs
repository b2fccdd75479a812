using System.Globalization;
using System.Text.Json.Serialization;

using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Hosting;
using LiveRobot.Platform.Robots;

using Microsoft.Extensions.Options;

namespace LiveRobot.Api.LookUps;

/// <summary>Where clients find the services: those of a robot at the addresses of its slot.</summary>
internal sealed class Advertised(IOptions<AdvertiseOptions> advertise, IOptions<ClusterOptions> cluster, IOptions<PortOptions> ports)
{
    private readonly AdvertiseOptions _advertise = advertise.Value;
    private readonly PortOptions _ports = ports.Value;

    public HostPort Control(HttpRequest request, Robot robot) => SlotAddresses.Parse(SlotOf(robot.Slot)?.Control) is var (host, port)
        ? new(host, port)
        : new(HostOf(_advertise.ControlHost, request), _advertise.ControlPort ?? _ports.Control);

    public HostPort Chat(HttpRequest request, Robot robot) => SlotAddresses.Parse(SlotOf(robot.Slot)?.Chat) is var (host, port)
        ? new(host, port)
        : new(HostOf(_advertise.ChatHost, request), _advertise.ChatPort ?? _ports.Chat);

    /// <summary>Gets where the status socket is, which is behind any node: existing robots have its address built in.</summary>
    public HostPort Status(HttpRequest request) =>
        new(HostOf(_advertise.StatusHost, request), _advertise.StatusPort ?? _ports.Status);

    /// <summary>Gets the port of the user socket; existing viewer apps know its host.</summary>
    public int UserPort => _advertise.UserPort ?? _ports.User;

    public RelayHost Relay(HttpRequest request, Camera camera) =>
        new(SlotAddresses.Parse(SlotOf(camera.Slot)?.Video)?.Host ?? HostOf(_advertise.RelayHost, request));

    public VideoPort Video(Camera camera) => new(SlotAddresses.Parse(SlotOf(camera.Slot)?.Video)?.Port ?? _advertise.VideoPort ?? _ports.Video);

    public AudioPort Audio(Camera camera) => new(SlotAddresses.Parse(SlotOf(camera.Slot)?.Audio)?.Port ?? _advertise.AudioPort ?? _ports.Audio);

    /// <summary>Gets where the site's pages find a robot's services, below the site's base.</summary>
    /// <param name="areViewersSpread">Whether its video is to be watched at any relay.</param>
    public SitePaths Paths(Robot robot, bool areViewersSpread)
    {
        var slot = SlotOf(robot.Slot) is null ? "" : string.Create(CultureInfo.InvariantCulture, $"slots/{robot.Slot}/");
        return new($"{slot}control", $"{slot}chat", areViewersSpread ? "relay" : $"{slot}relay");
    }

    private SlotAddresses? SlotOf(int number) => cluster.Value.Slots.TryGetValue(number, out var slot) ? slot : null;

    private string HostOf(string? host, HttpRequest request) =>
        !string.IsNullOrEmpty(host) ? host : !string.IsNullOrEmpty(_advertise.Host) ? _advertise.Host : request.Host.Host;
}

/// <summary>Paths of a robot's services at the site's origin: <c>slots/1/control</c>, or <c>control</c> where there are no slots.</summary>
internal sealed record SitePaths(
    [property: JsonPropertyName("control")] string Control,
    [property: JsonPropertyName("chat")] string Chat,
    [property: JsonPropertyName("relay")] string Relay);

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
