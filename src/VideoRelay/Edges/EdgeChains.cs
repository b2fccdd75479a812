using System.Globalization;
using System.Security.Cryptography;

using LiveRobot.VideoRelay.Feeds;

using Microsoft.Extensions.Options;

namespace LiveRobot.VideoRelay.Edges;

/// <summary>
/// Keeps relays from taking a feed from themselves: each edge tells its origin which edges stand behind it, and an origin
/// that finds itself among them, or too many, sends the edge away.
/// </summary>
/// <remarks>
/// An edge tells of its longest chain only. Where a circle is closed behind a shorter one, the chain grows with each report
/// that goes round, until it is too long.
/// </remarks>
internal sealed class EdgeChains(IOptions<EdgeOptions> options)
{
    /// <summary>Gets what this relay is called among edges: 16 hexadecimal digits, others at each start.</summary>
    public string Relay { get; } = RandomNumberGenerator.GetHexString(16, lowercase: true);

    /// <summary>What this relay, as an edge, tells the origin of a feed.</summary>
    public EdgeReport Report(Feed feed)
    {
        var (viewers, chain) = feed.ReadAudience();
        return new(viewers, [Relay, .. chain]);
    }

    /// <summary>Why an edge is sent away; null: it is not.</summary>
    public string? Refuse(EdgeReport report)
    {
        var chain = report.Chain ?? [];
        return chain.Contains(Relay, StringComparer.Ordinal) ? "This relay takes the feed from the one that asks for it."
            : chain.Count > options.Value.MaxChain ? string.Create(CultureInfo.InvariantCulture, $"More than {options.Value.MaxChain} edges stand one behind another (VideoRelay:Edge:MaxChain).")
            : null;
    }
}
