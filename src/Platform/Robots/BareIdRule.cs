using System.Net;

namespace LiveRobot.Platform.Robots;

/// <summary>
/// From where a robot is let in that shows nothing but its robot-id, which is all that existing clients have. Who shows
/// the robot token too is let in from everywhere.
/// </summary>
public enum BareIdRule
{
    /// <summary>From everywhere.</summary>
    Everywhere,

    /// <summary>From everywhere, over TLS.</summary>
    Tls,

    /// <summary>From the networks that the owner has named (<see cref="Robot.BareIdNetworks"/>).</summary>
    Networks,

    /// <summary>From nowhere.</summary>
    Off,
}

/// <summary>The words of <see cref="BareIdRule"/> in the API and in the store.</summary>
public static class BareIdRuleWords
{
    public static string ToWire(this BareIdRule rule) => rule switch
    {
        BareIdRule.Everywhere => "everywhere",
        BareIdRule.Tls => "tls",
        BareIdRule.Networks => "networks",
        _ => "off",
    };

    /// <summary>Reads a rule; null when there is none of this name.</summary>
    public static BareIdRule? Parse(string? word) => word switch
    {
        "everywhere" => BareIdRule.Everywhere,
        "tls" => BareIdRule.Tls,
        "networks" => BareIdRule.Networks,
        "off" => BareIdRule.Off,
        _ => null,
    };

    /// <summary>Reads a network such as <c>192.168.0.0/16</c> or <c>2001:db8::/32</c> (RFC 4632, RFC 4291 section 2.3).</summary>
    public static bool TryReadNetwork(string text, out IPNetwork network) => IPNetwork.TryParse(text, out network);

    /// <summary>Tells whether an address is in one of the networks.</summary>
    public static bool IsIn(this IPAddress address, IEnumerable<string> networks)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return networks.Any(text => TryReadNetwork(text, out var network) && network.Contains(plain));
    }
}
