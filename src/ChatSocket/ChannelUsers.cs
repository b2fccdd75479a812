using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Serialization;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Hosting;
using LiveRobot.Platform.Identity;
using LiveRobot.Platform.Moderation;
using LiveRobot.Platform.Presence;
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
/// <remarks>
/// All of them are told at most once in <see cref="ChatOptions.UsersInterval"/>, with what is true then. Where several processes
/// serve chat, each tells its own sockets of the people of all; while Redis is away, of those that were elsewhere when it went.
/// </remarks>
public sealed partial class ChannelUsers(
    RobotDirectory robots, Moderators moderators, ChatPeople people, IOptions<ChatOptions> options, TimeProvider clock, ILogger<ChannelUsers> logger) : BackgroundService
{
    /// <summary>Who does not read what it is told is told no more.</summary>
    private const long MaxUnreadBytes = 65_536;

    private const string Global = "global";

    private readonly ConcurrentDictionary<Socket, Guest> _guests = new();
    private readonly RepeatedAttempt _telling = new(exception => Log.NotTold(logger, exception), () => Log.ToldAgain(logger));

    /// <summary>Those of this process as of the last change, and those of others as last known.</summary>
    private IReadOnlyList<(ChatPerson Person, Socket? Socket)> _here = [];
    private IReadOnlyList<ChatPerson> _elsewhere = [];

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
            if (!await _telling.RunAsync(LookAsync))
            {
                Changed();
            }
        }
    }

    private void Changed() => Volatile.Write(ref _hasChanged, 1);

    private async Task LookAsync()
    {
        var hasChanged = Interlocked.Exchange(ref _hasChanged, 0) != 0;
        if (hasChanged)
        {
            _here = await HereAsync();
        }

        await people.HereAsync(_here.CountBy(somebody => somebody.Person).Select(alike => alike.Key with { Count = alike.Value }), options.Value.UsersInterval * 3);
        var elsewhere = await ElsewhereAsync();
        if (hasChanged || !elsewhere.SequenceEqual(_elsewhere))
        {
            _elsewhere = elsewhere;
            await TellAsync();
        }
    }

    private async Task<IReadOnlyList<(ChatPerson Person, Socket? Socket)>> HereAsync()
    {
        var here = new List<(ChatPerson Person, Socket? Socket)>();
        foreach (var (socket, guest) in _guests)
        {
            var account = guest.Visitor.IsSpectator ? null : (await guest.Visitor.CallerAsync()).Account;
            here.Add((new ChatPerson(account?.Name, account?.IsAdministrator == true, guest.IsUser, guest.Chosen, Count: 1), socket));
        }

        return here;
    }

    private async Task<IReadOnlyList<ChatPerson>> ElsewhereAsync()
    {
        try
        {
            return await people.ElsewhereAsync();
        }
        catch (PresenceAwayException)
        {
            return _elsewhere;
        }
    }

    private async Task TellAsync()
    {
        var rooms = (await robots.ListPublicAsync()).ToDictionary(robot => robot.Handle, StringComparer.Ordinal);
        var named = new Dictionary<string, IReadOnlyCollection<string>>(StringComparer.Ordinal);
        var present = new List<Present>();
        foreach (var (person, socket) in _here.Concat(_elsewhere.Select(person => (person, (Socket?)null))))
        {
            var robot = person.Handle is null ? null : rooms.GetValueOrDefault(person.Handle);
            present.Add(new Present(person, socket, robot, person.Name is { } name && robot is not null && await ModeratesAsync(name, robot)));
        }

        TellViewers(present);

        var everybody = List(present.Where(somebody => somebody.Person.IsUser));
        foreach (var room in present.GroupBy(somebody => somebody.Robot?.Owner))
        {
            var users = SocketsOf(room.Where(somebody => somebody.Person.IsUser));
            if (users.Count == 0)
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
                user.Emit(message);
            }
        }

        async Task<bool> ModeratesAsync(string name, Robot robot)
        {
            if (!named.TryGetValue(robot.Handle, out var names))
            {
                named[robot.Handle] = names = await moderators.NamesAsync(robot);
            }

            return name == robot.Owner || names.Contains(name);
        }
    }

    /// <summary>Whoever has chosen a robot may watch it, and so may know who else does: here robots count that are not public, too.</summary>
    private void TellViewers(IEnumerable<Present> present)
    {
        foreach (var viewers in present.Where(somebody => somebody.Person.Handle is not null).GroupBy(somebody => somebody.Person.Handle!))
        {
            var told = SocketsOf(viewers.Where(somebody => !somebody.Person.IsUser));
            if (told.Count == 0)
            {
                continue;
            }

            var names = viewers.Select(somebody => somebody.Person.Name).OfType<string>().Distinct().Order(StringComparer.Ordinal).ToArray();
            var listed = names.Take(options.Value.MaxUsersListed).ToArray();
            var message = EventMessage.Create("viewers_list", new
            {
                robot_id = viewers.Key,
                users = listed,
                others = names.Length - listed.Length,
                anonymous = CountAnonymous(viewers),
            });
            foreach (var viewer in told)
            {
                viewer.Emit(message);
            }
        }
    }

    /// <summary>Gives those who are at this process and read what they are told.</summary>
    private static List<Socket> SocketsOf(IEnumerable<Present> some) =>
        [.. some.Select(somebody => somebody.Socket).OfType<Socket>().Where(socket => socket.BufferedBytes <= MaxUnreadBytes)];

    private static int CountAnonymous(IEnumerable<Present> some) => some.Where(somebody => somebody.Person.Name is null).Sum(somebody => somebody.Person.Count);

    /// <summary>Names the accounts by their names, up to the limit, and counts the others.</summary>
    private Dictionary<string, Entry> List(IEnumerable<Present> room)
    {
        var everybody = room.ToArray();
        var accounts = everybody.Where(somebody => somebody.Person.Name is not null).DistinctBy(somebody => somebody.Person.Name).OrderBy(somebody => somebody.Person.Name, StringComparer.Ordinal).ToArray();
        var list = accounts.Take(options.Value.MaxUsersListed).ToDictionary(
            somebody => somebody.Person.Name!,
            somebody => new Entry(
                somebody.Robot?.Handle ?? "",
                new EntryUser(somebody.Person.Name!, false, NameColors.ColorOf(somebody.Person.Name!), somebody.IsModerator, somebody.Person.IsAdministrator)),
            StringComparer.Ordinal);
        var unnamed = accounts.Length - list.Count;
        Count(list, "anonymous", CountAnonymous(everybody), "anonymous");
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

    /// <summary>Who is there now, with the socket when it is one of this process, the robot that they have chosen when it is public, and whether they moderate it.</summary>
    private sealed record Present(ChatPerson Person, Socket? Socket, Robot? Robot, bool IsModerator);

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

        [LoggerMessage(2, LogLevel.Information, "Who is in chat is told again.", EventName = "ToldAgain")]
        public static partial void ToldAgain(ILogger logger);
    }
}
