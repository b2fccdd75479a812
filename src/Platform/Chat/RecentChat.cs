using System.Net;
using System.Text.Json.Serialization;

using Dapper;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Storage;

namespace LiveRobot.Platform.Chat;

/// <summary>The newest lines that everybody may hear, for those who ask over HTTP. The chat service writes them.</summary>
public sealed class RecentChat(Database database, BanDirectory bans)
{
    /// <summary>The most lines: existing viewer apps keep as many.</summary>
    public const int MaxLines = 100;

    /// <summary>Lists what was said to public robots whose chat is global, oldest first. Who is banned from a robot does not read it.</summary>
    public async Task<IReadOnlyList<RecentLine>> GlobalAsync(Caller caller, IPAddress? address)
    {
        var away = caller.Account?.IsAdministrator == true ? [] : await bans.ListOfAsync(caller, address);
        if (away.Any(ban => ban.Scope.Kind == BanScopeKind.Site))
        {
            return [];
        }

        var robots = away.Where(ban => ban.Scope.Kind == BanScopeKind.Robot).Select(ban => ban.Scope.Subject).ToArray();
        var owners = away.Where(ban => ban.Scope.Kind == BanScopeKind.Owner).Select(ban => ban.Scope.Subject).ToArray();
        await using var connection = await database.OpenAsync();
        var rows = await connection.QueryAsync<(string Id, string Name, string Text, string Color, long Anonymous, string Handle, string Robot, string Owner, long ByRobot)>(
            $"""
            SELECT message_id, chat_messages.name, text, color, anonymous, robots.handle, robots.name, owner, by_robot
            FROM chat_messages JOIN robots ON robots.handle = chat_messages.handle
            WHERE visibility = 'public' AND non_global_chat = 0 AND removed_at IS NULL
                AND NOT {database.In("robots.handle", "@robots")} AND NOT {database.In("owner", "@owners")}
            ORDER BY chat_messages.id DESC LIMIT @MaxLines
            """,
            new { MaxLines, robots, owners });
        return [.. rows.Reverse().Select(row => new RecentLine(
            row.Name, $"[{row.Robot}] {row.Text}", row.Handle, row.Owner, NonGlobal: false, row.Color, row.Anonymous != 0, row.Id, row.ByRobot != 0 ? true : null))];
    }
}

/// <summary>A line as <c>chat_message_with_name</c> tells it.</summary>
public sealed record RecentLine(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("robot_id")] string Handle,
    [property: JsonPropertyName("room")] string Room,
    [property: JsonPropertyName("non_global")] bool NonGlobal,
    [property: JsonPropertyName("username_color")] string UsernameColor,
    [property: JsonPropertyName("anonymous")] bool Anonymous,
    [property: JsonPropertyName("_id")] string Id,
    [property: JsonPropertyName("robot"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? IsByRobot = null);
