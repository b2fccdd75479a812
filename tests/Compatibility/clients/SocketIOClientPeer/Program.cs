// NuGet's SocketIOClient, driven by JSON lines: commands on standard input, what happens on standard output.
// Usage: SocketIOClientPeer http://host:port[/namespace] 3|4 transport[,transport] [event]
// The event is emitted as soon as the library says that it has connected.
// In a process of its own, because the library throws from its background work when it is disposed of in mid-connect.
using System.Text.Json;

using SocketIOClient;
using SocketIOClient.Transport;

var transports = args[2].Split(',');
var client = new SocketIOClient.SocketIO(args[0], new SocketIOOptions
{
    EIO = args[1] == "3" ? 3 : 4,
    Transport = transports[0] == "polling" ? TransportProtocol.Polling : TransportProtocol.WebSocket,
    AutoUpgrade = transports.Length > 1,
    ReconnectionDelay = 100,
});
client.OnConnected += (_, _) => Say("connect", client.Id, client.Options.Transport.ToString().ToLowerInvariant());
client.OnDisconnected += (_, reason) => Say("disconnect", reason);
foreach (var name in (string[])["hello", "echo", "news"])
{
    client.On(name, response => SayResponse(name, response));
}

client.On("question", async response =>
{
    Say("question", response.GetValue<int>());
    await response.CallbackAsync("answer", response.GetValue<int>());
});
_ = ConnectAsync();

while (Console.ReadLine() is { } line)
{
    var command = JsonDocument.Parse(line).RootElement;
    var arguments = command.TryGetProperty("args", out var given) ? given.EnumerateArray().Select(Revive).ToArray() : [];
    switch (command.GetProperty("do").GetString())
    {
        case "emit":
            await client.EmitAsync(command.GetProperty("name").GetString(), arguments);
            break;
        case "ask":
            await client.EmitAsync(command.GetProperty("name").GetString(), response => SayResponse("ack", response), arguments);
            break;
        case "disconnect":
            await client.DisconnectAsync();
            break;
        default:
            throw new ArgumentException($"What is {line}?");
    }
}

async Task ConnectAsync()
{
    try
    {
        await client.ConnectAsync();
        if (args.Length > 3)
        {
            await client.EmitAsync(args[3], "at once");
        }
    }
    catch (Exception e)
    {
        Say("connect_error", e.Message);
    }
}

static void Say(string what, params object?[] args)
{
    lock (Console.Out)
    {
        Console.Out.WriteLine(JsonSerializer.Serialize(new { what, args }));
    }
}

// Bytes are shown as an object that JSON can hold: {"bytes":[1,2]}.
static void SayResponse(string what, SocketIOResponse response)
{
    var json = response.ToString();
    for (var i = 0; i < response.InComingBytes.Count; i++)
    {
        json = json.Replace(
            $"{{\"_placeholder\":true,\"num\":{i}}}",
            $"{{\"bytes\":[{string.Join(',', response.InComingBytes[i])}]}}",
            StringComparison.Ordinal);
    }

    Say(what, [.. JsonDocument.Parse(json).RootElement.EnumerateArray().Cast<object>()]);
}

// And the other way around.
static object? Revive(JsonElement value) => value.ValueKind switch
{
    JsonValueKind.Array => value.EnumerateArray().Select(Revive).ToArray(),
    JsonValueKind.Object when value.TryGetProperty("bytes", out var bytes) => bytes.EnumerateArray().Select(b => b.GetByte()).ToArray(),
    JsonValueKind.Object => value.EnumerateObject().ToDictionary(property => property.Name, property => Revive(property.Value)),
    _ => value,
};
