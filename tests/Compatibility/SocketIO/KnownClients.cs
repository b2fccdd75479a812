namespace LiveRobot.Compatibility.SocketIO;

/// <summary>The client libraries in use, for tests that hold with each of them.</summary>
internal static class KnownClients
{
    /// <summary>The clients, their ways to connect, and the transport each must end up on.</summary>
    public static TheoryData<string, string, string> All => new()
    {
        { "python 0.6.5", "polling", "polling" },
        { "python 0.6.5", "websocket", "websocket" },
        { "python 5", "polling", "polling" },
        { "python 5", "websocket", "websocket" },
        { "python 5", "polling,websocket", "websocket" },
        { "node 1", "polling", "polling" },
        { "node 1", "websocket", "websocket" },
        { "node 1", "polling,websocket", "websocket" },
        { "node 2", "polling", "polling" },
        { "node 2", "websocket", "websocket" },
        { "node 2", "polling,websocket", "websocket" },
        { "node 4", "polling", "polling" },
        { "node 4", "websocket", "websocket" },
        { "node 4", "polling,websocket", "websocket" },
        { "net EIO3", "polling", "polling" },
        { "net EIO3", "websocket", "websocket" },
        { "net EIO3", "polling,websocket", "websocket" },
        { "net EIO4", "polling", "polling" },
        { "net EIO4", "websocket", "websocket" },
        { "net EIO4", "polling,websocket", "websocket" },
    };

    /// <summary>The clients that know binary events.</summary>
    public static IEnumerable<TheoryDataRow<string, string, string>> Binary => All.Where(client => client.Data.Item1 != "python 0.6.5");

    /// <summary>Starts one by its name in the tables.</summary>
    public static ScriptedClient Start(string library, string transports, string url) => library switch
    {
        "python 0.6.5" => ScriptedClient.OldPython(new Uri(url).Port, transports),
        "python 5" => ScriptedClient.Python(url, transports),
        "net EIO3" or "net EIO4" => ScriptedClient.DotNet(library[^1] - '0', url, transports),
        _ => ScriptedClient.Node(library[^1] - '0', url, transports),
    };
}
