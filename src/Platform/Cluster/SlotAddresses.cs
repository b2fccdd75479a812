using System.Globalization;

namespace LiveRobot.Platform.Cluster;

/// <summary>
/// The public addresses of a slot, each <c>host:port</c>. What is not set is what robots are told without slots.
/// </summary>
public sealed class SlotAddresses
{
    /// <summary>Gets or sets where the control socket is.</summary>
    public string? Control { get; set; }

    /// <summary>Gets or sets where the chat socket is.</summary>
    public string? Chat { get; set; }

    /// <summary>Gets or sets where the relay takes video and serves it.</summary>
    public string? Video { get; set; }

    /// <summary>Gets or sets where the relay takes sound and serves it: another port of the same host, since robots ask for one host.</summary>
    public string? Audio { get; set; }

    /// <summary>Reads an address; null when it is not set or not of that form.</summary>
    public static (string Host, int Port)? Parse(string? address)
    {
        var colon = address?.LastIndexOf(':') ?? -1;
        return colon > 0
            && int.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is > 0 and <= 65535
            && Uri.CheckHostName(address![..colon]) != UriHostNameType.Unknown
                ? (address[..colon], port)
                : null;
    }

    internal IEnumerable<string> Validate()
    {
        foreach (var (name, address) in new[] { (nameof(Control), Control), (nameof(Chat), Chat), (nameof(Video), Video), (nameof(Audio), Audio) })
        {
            if (address is not null && Parse(address) is null)
            {
                yield return $"{name} is not of the form host:port.";
            }
        }

        if (Audio is not null && Parse(Audio)?.Host != Parse(Video)?.Host)
        {
            yield return $"{nameof(Audio)} has another host than {nameof(Video)}; robots ask for one host of both.";
        }
    }
}
