using System.Text.Json;
using System.Text.Json.Serialization;

namespace LiveRobot.VideoRelay.Edges;

/// <summary>What an edge tells its origin: <c>{"viewers":3}</c>.</summary>
/// <param name="Viewers">How many watch there, at edges of the edge too.</param>
internal sealed record EdgeReport([property: JsonPropertyName("viewers")] int Viewers)
{
    /// <summary>Reads a report; null when it is none.</summary>
    public static EdgeReport? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<EdgeReport>(json) is { Viewers: >= 0 } report ? report : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
