using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>A WebSocket that speaks Socket.IO by hand, to see the very text that is sent.</summary>
public sealed class RawClient : IDisposable
{
    private readonly ClientWebSocket _socket = new();

    private RawClient()
    {
    }

    /// <summary>Connects with Engine.IO 4 to the root namespace.</summary>
    /// <param name="server">The server.</param>
    /// <param name="path">The path of the socket.</param>
    /// <param name="receiveBufferBytes">How much the kernel keeps of what this client does not read; null: as much as it likes.</param>
    /// <param name="from">The address to come from; null: any.</param>
    public static async Task<RawClient> ConnectAsync(Uri server, string path = "/socket.io/", int? receiveBufferBytes = null, IPAddress? from = null)
    {
        var client = new RawClient();
        var address = new UriBuilder(server) { Scheme = "ws", Path = path, Query = "EIO=4&transport=websocket" }.Uri;
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = from is null
                    ? new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
                    : new Socket(from.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                if (from is not null)
                {
                    socket.Bind(new IPEndPoint(from, 0));
                }

                if (receiveBufferBytes is { } bytes)
                {
                    socket.ReceiveBufferSize = bytes;
                }

                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        await client._socket.ConnectAsync(address, invoker, CancellationToken.None);
        Assert.StartsWith("0{", await client.ReceiveAsync());
        await client.SendAsync("40");
        Assert.StartsWith("40{", await client.ReceiveAsync());
        return client;
    }

    public Task SendAsync(string packet) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes(packet), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    /// <summary>Receives the next packet.</summary>
    public async Task<string> ReceiveAsync()
    {
        var buffer = new byte[64 * 1024];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var result = await _socket.ReceiveAsync(buffer, patience.Token);
        Assert.True(result.EndOfMessage);
        return Encoding.UTF8.GetString(buffer, 0, result.Count);
    }

    /// <summary>Drops the connection without a word, as a killed process does.</summary>
    public void Abort() => _socket.Abort();

    public void Dispose() => _socket.Dispose();
}
