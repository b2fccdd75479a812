using System.Security.Cryptography;
using System.Text;

using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace LiveRobot.VideoRelay.Edges;

/// <summary>How a relay proves to another that it is one: <c>Authorization: Edge {secret}</c>. Whoever does may take every feed, and looks itself to who may watch.</summary>
internal sealed class EdgeAccess(IOptions<EdgeOptions> options)
{
    private const string Scheme = "Edge ";

    private readonly byte[]? _digest = options.Value.Secret is { } secret ? SHA256.HashData(Encoding.UTF8.GetBytes(secret)) : null;

    /// <summary>Gets what this relay shows.</summary>
    public string Credentials => Scheme + options.Value.Secret;

    /// <summary>Tells whether a request says to come from a relay.</summary>
    public static bool IsClaimedBy(HttpRequest request) => Given(request) is not null;

    /// <summary>Tells whether it does.</summary>
    public bool IsProvenBy(HttpRequest request) =>
        _digest is not null
        && Given(request) is { } given
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), _digest);

    private static string? Given(HttpRequest request) =>
        (string?)request.Headers[HeaderNames.Authorization] is { } header && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? header[Scheme.Length..]
            : null;
}
