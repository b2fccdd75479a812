using System.Globalization;
using System.Text.Json.Serialization;

using LiveRobot.Testing;

namespace LiveRobot.EndToEnd;

/// <summary>What <c>robots add --json</c> prints.</summary>
public sealed record RobotCredentials(
    [property: JsonPropertyName("robot_id")] string RobotId,
    [property: JsonPropertyName("handle")] string Handle,
    [property: JsonPropertyName("camera_id")] int CameraId,
    [property: JsonPropertyName("stream_key")] string StreamKey)
{
    /// <summary>Starts the C# client as the demo robot.</summary>
    public ChildProcess StartDemoRobot(Installation installation) => ChildProcess.Start(
        "dotnet",
        [
            Path.Combine(Repository.Root, "artifacts/bin/RobotClient/debug/RobotClient.dll"),
            "--demo",
            "--server", installation.Url,
            "--status-port", installation.Port("Status").ToString(CultureInfo.InvariantCulture),
            "--robot-id", RobotId,
            "--camera-id", CameraId.ToString(CultureInfo.InvariantCulture),
            "--stream-key", StreamKey,
        ]);

    /// <summary>
    /// Starts the Python robot of the LetsRobot era. With TLS on all its connections, it trusts the installation's
    /// authority, as it would with the CA certificate installed on its system. It says who and how it is
    /// <paramref name="hurry"/> times as often as the original.
    /// </summary>
    public ChildProcess StartLetsRobotEraRobot(Installation installation, bool tls = false, int hurry = 1) => ChildProcess.Start(
        "/usr/bin/python3",
        [
            Path.Combine(AppContext.BaseDirectory, "robots/letsrobot_era.py"),
            tls ? installation.TlsUrl : installation.Url,
            RobotId,
            CameraId.ToString(CultureInfo.InvariantCulture),
            installation.Port("Status").ToString(CultureInfo.InvariantCulture),
        ],
        new Dictionary<string, string>
        {
            ["LETSROBOT_ERA_HURRY"] = hurry.ToString(CultureInfo.InvariantCulture),
            ["SSL_CERT_FILE"] = installation.CaFile,
            ["REQUESTS_CA_BUNDLE"] = installation.CaFile,
            ["WEBSOCKET_CLIENT_CA_BUNDLE"] = installation.CaFile,
        });
}
