using System.Text.Json;
using System.Text.Json.Serialization;

namespace LiveRobot.VideoRelay.Edges;

/// <summary>
/// What an edge tells its origin, in the header <see cref="HeaderName"/> when it comes and as a text message when it has
/// changed: <c>{"viewers":3,"chain":["6b1f0c2d9e8a7b34"]}</c>.
/// </summary>
/// <param name="Viewers">How many watch there, at edges of the edge too.</param>
/// <param name="Chain">The edge, the edge behind it, and so on, where most stand one behind another; by <see cref="EdgeChains.Relay"/>.</param>
internal sealed record EdgeReport(
    [property: JsonPropertyName("viewers")] int Viewers,
    [property: JsonPropertyName("chain")] IReadOnlyList<string>? Chain = null)
{
    public const string HeaderName = "Edge-Report";

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

    /// <summary>Writes it as JSON, in ASCII.</summary>
    public string Write() => JsonSerializer.Serialize(this);
}
