using System.Net;
using System.Net.Sockets;

namespace LiveRobot.Platform.Limits;

/// <summary>What counts as one address where addresses are limited.</summary>
public static class AddressRange
{
    /// <summary>The bytes of an IPv6 address that name a network: a home has a /64, as it has one address of IPv4.</summary>
    private const int NetworkBytes = 8;

    /// <summary>Takes a home's IPv6 network for one address. A missing address is an address too.</summary>
    public static IPAddress Of(IPAddress? address)
    {
        if (address is null or { AddressFamily: AddressFamily.InterNetwork } or { IsIPv4MappedToIPv6: true })
        {
            return address?.MapToIPv4() ?? IPAddress.None;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return new IPAddress(bytes);
    }
}
