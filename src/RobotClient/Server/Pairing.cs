using System.Net.Http.Json;
using System.Text.Json;

namespace LiveRobot.RobotClient.Server;

/// <summary>Exchanges a pairing code for what the robot's configuration needs.</summary>
internal static class Pairing
{
    /// <summary>Gives the options of the robot by their names in the environment.</summary>
    /// <exception cref="LookupException">The server refused the code, or did not answer.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> ExchangeAsync(HttpClient http, Uri server, string code, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.PostAsJsonAsync(new Uri(server, "api/v1/pair"), new { code }, cancellationToken);
            using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
            if (!answer.IsSuccessStatusCode)
            {
                throw new LookupException($"The server refused the code: {json.RootElement.GetProperty("detail").GetString()}");
            }

            var camera = json.RootElement.GetProperty("cameras")[0];
            return new Dictionary<string, string>
            {
                ["LIVEROBOT_SERVER"] = server.ToString(),
                ["LIVEROBOT_ROBOT_ID"] = json.RootElement.GetProperty("robot_id").GetString()!,
                ["LIVEROBOT_ROBOT_TOKEN"] = json.RootElement.GetProperty("robot_token").GetString()!,
                ["LIVEROBOT_CAMERA_ID"] = camera.GetProperty("camera_id").GetRawText(),
                ["LIVEROBOT_STREAM_KEY"] = camera.GetProperty("stream_key").GetString()!,
            };
        }
        catch (HttpRequestException exception)
        {
            throw new LookupException($"pair: {exception.GetBaseException().Message}", exception);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException)
        {
            throw new LookupException("pair: the answer is not one of LiveRobot", exception);
        }
        catch (TaskCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LookupException($"pair: no answer within {http.Timeout.TotalSeconds:0} s", exception);
        }
    }
}
