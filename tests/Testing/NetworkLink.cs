using System.Globalization;

namespace LiveRobot.Testing;

/// <summary>A way to a <see cref="NetworkNamespace"/> that can be cut (veth(4)).</summary>
public sealed class NetworkLink
{
    private static int _count;

    private readonly string _namespace;
    private readonly string _device;

    private NetworkLink(string networkNamespace)
    {
        // Fifteen characters are the most for a device; the networks, of two addresses each, are from 198.18.0.0/15, which is for such tests (RFC 2544).
        var number = Interlocked.Increment(ref _count);
        _namespace = networkNamespace;
        _device = string.Create(CultureInfo.InvariantCulture, $"lr{Environment.ProcessId}l{number}");
        var network = string.Create(CultureInfo.InvariantCulture, $"198.18.{Environment.ProcessId % 256}.");
        var first = number % 64 * 4;
        (Here, There) = (network + Text(first + 1), network + Text(first + 2));
    }

    /// <summary>Gets the address of this end: where the namespace reaches the machine.</summary>
    public string Here { get; }

    /// <summary>Gets the address of what runs in the namespace.</summary>
    public string There { get; }

    private string DeviceThere => _device + "b";

    /// <summary>From now on nothing passes, and nobody is told.</summary>
    public Task CutAsync() => NetworkNamespace.IpAsync("-n", _namespace, "link", "set", DeviceThere, "down");

    public Task MendAsync() => NetworkNamespace.IpAsync("-n", _namespace, "link", "set", DeviceThere, "up");

    internal static async Task<NetworkLink> AddAsync(string networkNamespace)
    {
        var link = new NetworkLink(networkNamespace);
        var deviceHere = link._device + "a";
        await NetworkNamespace.IpAsync("link", "add", deviceHere, "type", "veth", "peer", "name", link.DeviceThere, "netns", networkNamespace);
        await NetworkNamespace.IpAsync("addr", "add", link.Here + "/30", "dev", deviceHere);
        await NetworkNamespace.IpAsync("link", "set", deviceHere, "up");
        await NetworkNamespace.IpAsync("-n", networkNamespace, "addr", "add", link.There + "/30", "dev", link.DeviceThere);
        await link.MendAsync();
        return link;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
