using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Serialization;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Identity;
using LiveRobot.Platform.Moderation;
using LiveRobot.Platform.Robots;

using Microsoft.Extensions.Options;

using SocketIO;

namespace LiveRobot.ChatSocket;

/// <summary>
/// Tells those on the user socket who is there (<c>channel_users_list</c>): in the global room, which is the user socket
/// itself, and in the room of the owner of the robot that they have chosen, where those of the site are too. Accounts
/// are named, each once, and everybody else is counted; so is, by name, who has chosen a robot that is not public.
/// Those of the site are told who has chosen the same robot (<c>viewers_list</c>).
/// </summary>
/// <remarks>All of them are told at most once in <see cref="ChatOptions.UsersInterval"/>, with what is true then.</remarks>
public sealed partial class ChannelUsers(RobotDirectory robots, Moderators moderators, IOptions<ChatOptions> options, TimeProvider clock, ILogger<ChannelUsers> logger) : BackgroundService
{
    /// <summary>Who does not read what it is told is told no more.</summary>
    private const long MaxUnreadBytes = 65_536;

    private const string Global = "global";

    private readonly ConcurrentDictionary<Socket, Guest> _guests = new();
    private int _hasChanged;

    /// <summary>A socket has connected.</summary>
    /// <param name="isUser">Whether it is one of the user socket, which is told.</param>
    public void Enter(Socket socket, Visitor visitor, bool isUser)
    {
        _guests[socket] = new Guest(visitor, isUser, null);
        Changed();
    }

    /// <summary>A socket has chosen a robot.</summary>
    public void Choose(Socket socket, Robot robot)
    {
        if (_guests.TryGetValue(socket, out var guest))
        {
            _guests.TryUpdate(socket, guest with { Chosen = robot.Handle }, guest);
            Changed();
        }
    }

    /// <summary>A socket has ended.</summary>
    public void Leave(Socket socket)
    {
        _guests.TryRemove(socket, out _);
        Changed();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.UsersInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (Interlocked.Exchange(ref _hasChanged, 0) == 0)
            {
                continue;
            }

            try
            {
                await TellAsync();
            }
#pragma warning disable CA1031 // Whatever the store throws, they are told after the next change.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.NotTold(logger, exception);
            }
        }
    }

    private void Changed() => Volatile.Write(ref _hasChanged, 1);

    private async Task TellAsync()
    {
        var rooms = (await robots.ListPublicAsync()).ToDictionary(robot => robot.Handle, StringComparer.Ordinal);
        var named = new Dictionary<string, IReadOnlyCollection<string>>(StringComparer.Ordinal);
        var present = new List<Present>();
        foreach (var (socket, guest) in _guests)
        {
            var account = guest.Visitor.IsSpectator ? null : (await guest.Visitor.CallerAsync()).Account;
            var robot = guest.Chosen is null ? null : rooms.GetValueOrDefault(guest.Chosen);
            present.Add(new Present(socket, guest.IsUser, account, guest.Chosen, robot, account is not null && robot is not null && await ModeratesAsync(account, robot)));
        }

        TellViewers(present);

        var everybody = List(present.Where(somebody => somebody.IsUser));
        foreach (var room in present.GroupBy(somebody => somebody.Robot?.Owner))
        {
            var users = room.Where(somebody => somebody.IsUser && somebody.Socket.BufferedBytes <= MaxUnreadBytes).ToArray();
            if (users.Length == 0)
            {
                continue;
            }

            var lists = new Dictionary<string, IReadOnlyDictionary<string, Entry>>(StringComparer.Ordinal) { [Global] = everybody };
            if (room.Key is { } owner)
            {
                lists[owner] = List(room);
            }

            var message = EventMessage.Create("channel_users_list", lists);
            foreach (var user in users)
            {
                user.Socket.Emit(message);
            }
        }

        async Task<bool> ModeratesAsync(Account account, Robot robot)
        {
            if (!named.TryGetValue(robot.Handle, out var names))
            {
                named[robot.Handle] = names = await moderators.NamesAsync(robot);
            }

            return account.Name == robot.Owner || names.Contains(account.Name);
        }
    }

    /// <summary>Whoever has chosen a robot may watch it, and so may know who else does: here robots count that are not public, too.</summary>
    private void TellViewers(IEnumerable<Present> present)
    {
        foreach (var viewers in present.Where(somebody => somebody.Chosen is not null).GroupBy(somebody => somebody.Chosen!))
        {
            var told = viewers.Where(somebody => !somebody.IsUser && somebody.Socket.BufferedBytes <= MaxUnreadBytes).ToArray();
            if (told.Length == 0)
            {
                continue;
            }

            var names = viewers.Where(somebody => somebody.Account is not null).Select(somebody => somebody.Account!.Name).Distinct().Order(StringComparer.Ordinal).ToArray();
            var listed = names.Take(options.Value.MaxUsersListed).ToArray();
            var message = EventMessage.Create("viewers_list", new
            {
                robot_id = viewers.Key,
                users = listed,
                others = names.Length - listed.Length,
                anonymous = viewers.Count(somebody => somebody.Account is null),
            });
            foreach (var viewer in told)
            {
                viewer.Socket.Emit(message);
            }
        }
    }

    /// <summary>Names the accounts by their names, up to the limit, and counts the others.</summary>
    private Dictionary<string, Entry> List(IEnumerable<Present> room)
    {
        var people = room.ToArray();
        var accounts = people.Where(somebody => somebody.Account is not null).DistinctBy(somebody => somebody.Account!.Name).OrderBy(somebody => somebody.Account!.Name, StringComparer.Ordinal).ToArray();
        var list = accounts.Take(options.Value.MaxUsersListed).ToDictionary(
            somebody => somebody.Account!.Name,
            somebody => new Entry(somebody.Robot?.Handle ?? "", new EntryUser(somebody.Account!.Name, false, NameColors.ColorOf(somebody.Account.Name), somebody.IsModerator, somebody.Account.IsAdministrator)),
            StringComparer.Ordinal);
        var unnamed = accounts.Length - list.Count;
        Count(list, "anonymous", people.Count(somebody => somebody.Account is null), "anonymous");
        Count(list, "and others", unnamed, "others");
        return list;
    }

    /// <summary>Existing viewer apps know people only: a number of them is one of its own, under a key that no account's name can be.</summary>
    private static void Count(Dictionary<string, Entry> list, string key, int count, string what)
    {
        if (count > 0)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{count} {what}");
            list[key] = new Entry("", new EntryUser(name, IsAnonymous: true, NameColors.Anonymous, IsModerator: false, IsStaff: false)) { Count = count };
        }
    }

    private sealed record Guest(Visitor Visitor, bool IsUser, string? Chosen);

    /// <summary>Somebody who is there now, with the handle of the robot that they have chosen, that robot when it is public, and whether they moderate it.</summary>
    private sealed record Present(Socket Socket, bool IsUser, Account? Account, string? Chosen, Robot? Robot, bool IsModerator);

    private sealed record Entry([property: JsonPropertyName("robot_id")] string Handle, [property: JsonPropertyName("user")] EntryUser User)
    {
        [JsonPropertyName("count"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public int? Count { get; init; }
    }

    private sealed record EntryUser(
        [property: JsonPropertyName("username")] string Name,
        [property: JsonPropertyName("anonymous")] bool IsAnonymous,
        [property: JsonPropertyName("username_color")] string Color,
        [property: JsonPropertyName("moderator")] bool IsModerator,
        [property: JsonPropertyName("staff")] bool IsStaff)
    {
        /// <summary>Gets the address of their picture: people have none here, and existing viewer apps expect a text.</summary>
        [JsonPropertyName("avatar")]
        public Avatar Avatar { get; } = new("");
    }

    private sealed record Avatar([property: JsonPropertyName("thumbnail")] string Thumbnail);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Who is in chat could not be told.", EventName = "NotTold")]
        public static partial void NotTold(ILogger logger, Exception exception);
    }
}
