using System.Text.Json;

using SocketIOClient;
using SocketIOClient.Transport;

namespace LiveRobot.Compatibility.SocketIO;

/// <summary>NuGet's SocketIOClient 3.0.6.</summary>
public sealed class DotNetClient : ForeignClient
{
    private readonly SocketIOClient.SocketIO _client;

    private DotNetClient(SocketIOClient.SocketIO client) => _client = client;

    /// <param name="url">The server, with the namespace as its path.</param>
    /// <param name="engineIO">3 or 4.</param>
    /// <param name="transport">Where it begins.</param>
    /// <param name="upgrades">Whether it tries a WebSocket after a throw-away handshake on polling.</param>
    public static DotNetClient Start(string url, int engineIO, TransportProtocol transport, bool upgrades)
    {
        var library = new SocketIOClient.SocketIO(url, new SocketIOOptions
        {
            EIO = engineIO,
            Transport = transport,
            AutoUpgrade = upgrades,
            ReconnectionDelay = 100,
        });
        var client = new DotNetClient(library);
        library.OnConnected += (_, _) => client.See("connect", library.Id, library.Options.Transport.ToString().ToLowerInvariant());
        library.OnDisconnected += (_, reason) => client.See("disconnect", reason);
        foreach (var name in (string[])["hello", "echo", "news"])
        {
            library.On(name, response => client.Report(new Seen(name, ToElement(response))));
        }

        library.On("question", async response =>
        {
            client.See("question", response.GetValue<int>());
            try
            {
                await response.CallbackAsync("answer", response.GetValue<int>());
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                // The test was satisfied and has disposed the client before its post was answered.
            }
        });
        _ = client.ConnectAsync();
        return client;
    }

    public override Task EmitAsync(string name, params object[] args) => _client.EmitAsync(name, args);

    public override Task AskAsync(string name, params object[] args) =>
        _client.EmitAsync(name, response => Report(new Seen("ack", ToElement(response))), args);

    public override Task DisconnectAsync() => _client.DisconnectAsync();

    public override ValueTask DisposeAsync()
    {
        try
        {
            _client.Dispose();
        }
        catch (ObjectDisposedException)
        {
            // The library disposes of its transport twice when it is between two connections.
        }

        return ValueTask.CompletedTask;
    }

    private async Task ConnectAsync()
    {
        try
        {
            await _client.ConnectAsync();
        }
        catch (Exception e)
        {
            See("connect_error", e.Message);
        }
    }

    private void See(string what, params object[] args) => Report(new Seen(what, JsonSerializer.SerializeToElement(args)));

    /// <summary>The arguments, with bytes in the form that the scripts use: <c>{"bytes":[1,2]}</c>.</summary>
    private static JsonElement ToElement(SocketIOResponse response)
    {
        var json = response.ToString();
        for (var i = 0; i < response.InComingBytes.Count; i++)
        {
            json = json.Replace(
                $"{{\"_placeholder\":true,\"num\":{i}}}",
                $"{{\"bytes\":[{string.Join(',', response.InComingBytes[i])}]}}",
                StringComparison.Ordinal);
        }

        return JsonDocument.Parse(json).RootElement;
    }
}
