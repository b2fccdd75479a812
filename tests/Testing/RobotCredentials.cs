using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LiveRobot.Testing;

/// <summary>What <c>robots add --json</c> prints.</summary>
public sealed record RobotCredentials(
    [property: JsonPropertyName("robot_id")] string RobotId,
    [property: JsonPropertyName("handle")] string Handle,
    [property: JsonPropertyName("camera_id")] int CameraId,
    [property: JsonPropertyName("stream_key")] string StreamKey)
{
    /// <summary>Adds a robot as its owner does, beside the running server.</summary>
    /// <param name="name">Of the robot.</param>
    /// <param name="owner">The account that it belongs to; made where there is none.</param>
    /// <param name="arguments">Where the store is: <c>--data</c> and a folder.</param>
    public static Task<RobotCredentials> AddAsync(string name, string owner, params string[] arguments) =>
        AddAsync(name, owner, new Dictionary<string, string>(), arguments);

    /// <inheritdoc cref="AddAsync(string, string, string[])"/>
    /// <param name="environment">Settings of the installation that do not lie in a folder.</param>
    public static async Task<RobotCredentials> AddAsync(string name, string owner, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        string[] command = [Repository.Program("LiveRobot"), "robots", "add", name, "--owner", owner, "--json", .. arguments];
        return JsonSerializer.Deserialize<RobotCredentials>(await ChildProcess.RunAsync("dotnet", command, environment), JsonSerializerOptions.Web)!;
    }

    /// <summary>Starts the C# client as the demo robot, which trusts the authority of <paramref name="caFile"/>.</summary>
    public ChildProcess StartDemoRobot(Uri server, int statusPort, string? caFile = null, Action<string>? onLine = null) => ChildProcess.Start(
        "dotnet",
        [
            Repository.Program("RobotClient"),
            "--demo",
            "--server", server.ToString(),
            "--status-port", statusPort.ToString(CultureInfo.InvariantCulture),
            "--robot-id", RobotId,
            "--camera-id", CameraId.ToString(CultureInfo.InvariantCulture),
            "--stream-key", StreamKey,
        ],
        Trust(caFile),
        onLine);

    /// <summary>
    /// Starts the Python robot of the LetsRobot era. It says who and how it is <paramref name="hurry"/> times as often as
    /// the original, and trusts the authority of <paramref name="caFile"/> as it would with it installed on its system.
    /// </summary>
    public ChildProcess StartLetsRobotEraRobot(Uri server, int statusPort, int hurry = 1, string? caFile = null, Action<string>? onLine = null)
    {
        var environment = Trust(caFile);
        environment["LETSROBOT_ERA_HURRY"] = hurry.ToString(CultureInfo.InvariantCulture);
        return ChildProcess.Start(
            "/usr/bin/python3",
            [
                Path.Combine(Repository.Root, "tests/Testing/robots/letsrobot_era.py"),
                server.GetLeftPart(UriPartial.Authority),
                RobotId,
                CameraId.ToString(CultureInfo.InvariantCulture),
                statusPort.ToString(CultureInfo.InvariantCulture),
            ],
            environment,
            onLine);
    }

    /// <summary>What makes .NET, OpenSSL and the Python libraries trust an authority.</summary>
    private static Dictionary<string, string> Trust(string? caFile) => caFile is null
        ? []
        : new[] { "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "WEBSOCKET_CLIENT_CA_BUNDLE" }.ToDictionary(name => name, _ => caFile);
}
