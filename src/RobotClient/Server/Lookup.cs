using System.Globalization;
using System.Net;
using System.Security.Authentication;
using System.Text.Json;

using LiveRobot.RobotClient.Configuration;

namespace LiveRobot.RobotClient.Server;

/// <summary>
/// Asks the server where things are. Nothing is remembered: every connection begins with a fresh look-up, so a robot
/// follows its server to another host or port.
/// </summary>
/// <remarks>The paths and keys are those of the LetsRobot.tv robot API. Numbers may also come as strings; hosts are bare names.</remarks>
internal sealed class Lookup(HttpClient http, RobotOptions options)
{
    private readonly string _robot = Uri.EscapeDataString(options.RobotId);
    private readonly string _camera = options.CameraId.ToString(CultureInfo.InvariantCulture);

    /// <summary>A client that gives up on a server that does not answer, and on answers that do not end.</summary>
    /// <param name="robotToken">Shown with every request; null when the robot has none.</param>
    public static HttpClient CreateHttpClient(string? robotToken)
    {
        var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        })
        {
            Timeout = TimeSpan.FromSeconds(5),
            MaxResponseContentBufferSize = 1 << 20,
        };
        http.DefaultRequestHeaders.Authorization = robotToken is null ? null : RobotToken.Header(robotToken);
        return http;
    }

    /// <summary>Where commands come from.</summary>
    public async Task<Uri> ControlAsync(CancellationToken cancellationToken) =>
        SocketAddress(await GetAsync(options.Server, "get_control_host_port", $"get_control_host_port/{_robot}?version=2", cancellationToken));

    /// <summary>Where chat comes from.</summary>
    public async Task<Uri> ChatAsync(CancellationToken cancellationToken) =>
        SocketAddress(await GetAsync(options.Server, "get_chat_host_port", $"get_chat_host_port/{_robot}", cancellationToken));

    /// <summary>Where the robot says that it is live. The protocol has no look-up for it.</summary>
    public Uri Status { get; } = new UriBuilder(options.Server.Scheme, options.StatusHost, options.StatusPort).Uri;

    /// <summary>Where to send video of that size.</summary>
    public async Task<Uri> VideoAsync(PictureSize size, CancellationToken cancellationToken)
    {
        var host = await RelayHostAsync(cancellationToken);
        var answer = await GetAsync(options.Server, "get_video_port", $"get_video_port/{_camera}", cancellationToken);
        return IngestAddress(host, answer.Port("mpeg_stream_port", "port"), size);
    }

    /// <summary>Where to send the sound that belongs to video of that size.</summary>
    public async Task<Uri> AudioAsync(PictureSize size, CancellationToken cancellationToken)
    {
        var host = await RelayHostAsync(cancellationToken);
        var answer = await GetAsync(options.Server, "get_audio_port", $"get_audio_port/{_camera}", cancellationToken);
        return IngestAddress(host, answer.Port("audio_stream_port", "port"), size);
    }

    /// <summary>The robot's settings; a size that is missing is 640x480, a microphone is on unless it is switched off.</summary>
    public async Task<RobotSettings> SettingsAsync(CancellationToken cancellationToken)
    {
        var answer = await GetAsync(options.ApiServer, "api/v1/robots", $"api/v1/robots/{_robot}", cancellationToken);
        var size = new PictureSize(
            answer.Number("xres") ?? PictureSize.Default.Width,
            answer.Number("yres") ?? PictureSize.Default.Height);
        return size.IsValid
            ? new RobotSettings(size, answer.Flag("mic_enabled") ?? true)
            : throw new LookupException($"api/v1/robots: a picture of {size} cannot be sent");
    }

    private async Task<string> RelayHostAsync(CancellationToken cancellationToken)
    {
        var answer = await GetAsync(options.Server, "get_websocket_relay_host", $"get_websocket_relay_host/{_camera}", cancellationToken);
        return answer.Text("host");
    }

    private Uri SocketAddress(Answer answer) => Address(answer.Text("host"), answer.Port("port"), "");

    private Uri IngestAddress(string host, int port, PictureSize size) =>
        Address(host, port, string.Create(CultureInfo.InvariantCulture, $"{Uri.EscapeDataString(options.StreamKey)}/{size.Width}/{size.Height}/"));

    // The scheme is the server's: the document says https, existing servers speak plain http, and one that does either
    // for its look-ups does so for the rest.
    private Uri Address(string host, int port, string path)
    {
        try
        {
            return new UriBuilder(options.Server.Scheme, host, port, path).Uri;
        }
        catch (UriFormatException exception)
        {
            throw new LookupException($"The server named a host that is none: {exception.Message}", exception);
        }
    }

    private async Task<Answer> GetAsync(Uri server, string name, string path, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.GetAsync(new Uri(server, path), cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                var hint = response.StatusCode switch
                {
                    HttpStatusCode.NotFound => " (is the id right?)",
                    HttpStatusCode.Forbidden => " (is the robot token right? The robot's owner is shown why)",
                    _ => "",
                };
                throw new LookupException(string.Create(CultureInfo.InvariantCulture, $"{name}: the server answered {(int)response.StatusCode}{hint}"));
            }

            using var json = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            return new Answer(name, json.RootElement.Clone());
        }
        catch (HttpRequestException exception)
        {
            throw new LookupException($"{name}: {Reason(exception)}", exception);
        }
        catch (JsonException exception)
        {
            throw new LookupException($"{name}: the answer is not JSON", exception);
        }
        catch (TaskCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LookupException($"{name}: no answer within {http.Timeout.TotalSeconds:0} s", exception);
        }
    }

    private static string Reason(HttpRequestException exception) => exception.InnerException is AuthenticationException
        ? "the server's certificate is not trusted here; install its authority's (the server's data/tls/ca.pem) in this system"
        : exception.GetBaseException().Message;

    private readonly record struct Answer(string Name, JsonElement Json)
    {
        public string Text(string key) =>
            Find(key) is { ValueKind: JsonValueKind.String } value && value.GetString() is { Length: > 0 } text
                ? text
                : throw new LookupException($"{Name}: the answer has no {key}");

        public int Port(params ReadOnlySpan<string> keys)
        {
            foreach (var key in keys)
            {
                if (Number(key) is >= 1 and <= 65535 and var port)
                {
                    return port;
                }
            }

            throw new LookupException($"{Name}: the answer has no {keys[0]} from 1 to 65535");
        }

        public int? Number(string key) => Find(key) switch
        {
            { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out var number) => number,
            { ValueKind: JsonValueKind.String } value when int.TryParse(value.GetString(), CultureInfo.InvariantCulture, out var number) => number,
            _ => null,
        };

        public bool? Flag(string key) => Find(key) switch
        {
            { ValueKind: JsonValueKind.True } => true,
            { ValueKind: JsonValueKind.False } => false,
            { ValueKind: JsonValueKind.String } value when bool.TryParse(value.GetString(), out var flag) => flag,
            _ => null,
        };

        private JsonElement? Find(string key) =>
            Json.ValueKind == JsonValueKind.Object && Json.TryGetProperty(key, out var value) ? value : null;
    }
}
