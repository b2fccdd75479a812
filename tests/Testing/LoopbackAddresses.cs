using System.Net;
using System.Net.Sockets;

namespace LiveRobot.Testing;

/// <summary>Addresses to call from: all of 127.0.0.0/8 is this machine, and a server takes each for somebody else.</summary>
public static class LoopbackAddresses
{
    private static int _last;

    /// <summary>Gives an address that no other caller in this process has: 127.1.0.1 and on.</summary>
    public static IPAddress Take()
    {
        var number = Interlocked.Increment(ref _last);
        return new IPAddress([127, (byte)(1 + (number >> 16)), (byte)(number >> 8), (byte)number]);
    }

    /// <summary>Makes a handler whose connections come from an address. It keeps no cookies.</summary>
    public static SocketsHttpHandler From(IPAddress address) => new()
    {
        UseCookies = false,
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                socket.Bind(new IPEndPoint(address, 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };
}
