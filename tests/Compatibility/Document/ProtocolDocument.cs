using System.Text.RegularExpressions;

using LiveRobot.Testing;

namespace LiveRobot.Compatibility.Document;

/// <summary>
/// <c>docs/protocol.md</c> as a program reads it. Tables have an endpoint or an event in their first column; blocks of
/// the kind <c>http</c> and <c>events</c> have an example in each line, said by somebody: <c>owner: POST /path {…}</c>,
/// <c>viewer: select_robot {…}</c>, and <c>to viewer: num_viewers 3</c> for what the server says.
/// </summary>
internal sealed partial class ProtocolDocument
{
    private static readonly Dictionary<string, string> Sockets = new(StringComparer.Ordinal)
    {
        ["### Control (8021)"] = "Control",
        ["### Chat (8023)"] = "Chat",
        ["### Status (8022)"] = "Status",
        ["### User socket (8000)"] = "User",
        ["## Sockets"] = "Every",
    };

    private ProtocolDocument(string text)
    {
        var socket = "";
        var block = "";
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith('#'))
            {
                socket = Sockets.GetValueOrDefault(line, "");
            }
            else if (line.StartsWith("```", StringComparison.Ordinal))
            {
                block = block.Length > 0 ? "" : line[3..] is { Length: > 0 } kind ? kind : "text";
            }
            else if (block == "http" && line.Length > 0)
            {
                HttpExamples.Add(HttpExample.Parse(line));
            }
            else if (block == "events" && line.Length > 0)
            {
                EventExamples.Add(EventExample.Parse(socket, line));
            }
            else if (block.Length == 0 && line.StartsWith("| `", StringComparison.Ordinal))
            {
                var columns = line.Trim('|', ' ').Split(" | ");
                Endpoints.AddRange(Endpoint().Matches(columns[0]).Select(match => $"{match.Groups[1].Value} {Pattern(match.Groups[2].Value)}"));
                SocketPaths.AddRange(SocketPath().Matches(columns[0]).Select(match => Pattern(match.Groups[1].Value)));
                if (socket.Length > 0 && !Endpoint().IsMatch(columns[0]) && !SocketPath().IsMatch(columns[0]))
                {
                    Events.AddRange(EventName().Matches(columns[0]).Select(match => new DocumentedEvent(socket, match.Groups[1].Value, columns[1].StartsWith("to ", StringComparison.Ordinal))));
                }
            }
        }
    }

    /// <summary>Gets the endpoints as <c>GET /path/{}</c>.</summary>
    public List<string> Endpoints { get; } = [];

    /// <summary>Gets the paths of Socket.IO.</summary>
    public List<string> SocketPaths { get; } = [];

    public List<DocumentedEvent> Events { get; } = [];

    public List<HttpExample> HttpExamples { get; } = [];

    public List<EventExample> EventExamples { get; } = [];

    public static ProtocolDocument Read() => new(File.ReadAllText(Path.Combine(Repository.Root, "docs/protocol.md")));

    /// <summary>A path whose variable parts have no names.</summary>
    public static string Pattern(string path) => Variable().Replace(path.Split('?')[0].TrimEnd('/'), "{}") is { Length: > 0 } pattern ? pattern : "/";

    [GeneratedRegex(@"`(GET|POST|PUT|PATCH|DELETE) (/[^`\s?]*)")]
    private static partial Regex Endpoint();

    [GeneratedRegex(@"`(/[^`\s]*socket\.io)`")]
    private static partial Regex SocketPath();

    [GeneratedRegex("`([a-z_A-Z0-9]+)`")]
    private static partial Regex EventName();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Variable();
}

/// <summary>A row of a table of events.</summary>
/// <param name="Socket">The socket: <c>Control</c>, <c>Chat</c>, <c>Status</c>, <c>User</c>; <c>Every</c>: all of them.</param>
/// <param name="Name">The event.</param>
/// <param name="IsFromServer">Whether the server says it.</param>
internal sealed record DocumentedEvent(string Socket, string Name, bool IsFromServer);

/// <summary>A request that the document shows.</summary>
/// <param name="Who">Who sends it: <c>nobody</c>, <c>owner</c>, <c>viewer</c>, <c>program</c> (an API key of the owner's), <c>robot</c>.</param>
/// <param name="Method">The method; <c>WS</c> opens a WebSocket.</param>
/// <param name="Path">The path with its query, variable parts in braces.</param>
/// <param name="Body">JSON, a form, or nothing.</param>
internal sealed partial record HttpExample(string Who, string Method, string Path, string Body)
{
    public string Endpoint => $"{(Method == "WS" ? "GET" : Method)} {ProtocolDocument.Pattern(Path)}";

    public static HttpExample Parse(string line) => Line().Match(line) is { Success: true } match
        ? new(match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value, match.Groups[4].Value.Trim())
        : throw new FormatException($"This is no example of a request: {line}");

    [GeneratedRegex(@"^(\w+): (GET|POST|PUT|PATCH|DELETE|WS) (/\S*)(.*)$")]
    private static partial Regex Line();
}

/// <summary>An event that the document shows.</summary>
/// <param name="Socket">The socket.</param>
/// <param name="Who">Who says it or, when the server does, who hears it: <c>robot</c>, <c>viewer</c>, <c>owner</c>.</param>
/// <param name="IsFromServer">Whether the server says it.</param>
/// <param name="Name">The event.</param>
/// <param name="Argument">JSON, or nothing.</param>
internal sealed partial record EventExample(string Socket, string Who, bool IsFromServer, string Name, string Argument)
{
    public static EventExample Parse(string socket, string line) => Line().Match(line) is { Success: true } match
        ? new(socket, match.Groups[2].Value, match.Groups[1].Success, match.Groups[3].Value, match.Groups[4].Value.Trim())
        : throw new FormatException($"This is no example of an event: {line}");

    [GeneratedRegex(@"^(to )?(\w+): ([a-z_A-Z0-9]+)(.*)$")]
    private static partial Regex Line();
}
