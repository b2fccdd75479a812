using System.Net;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Moderation;
using LiveRobot.Platform.Robots;

using Microsoft.Extensions.Options;

namespace LiveRobot.ChatSocket;

/// <summary>
/// What owners, moderators and administrators do against people in chat, by the names that chat shows: each is a ban
/// (<see cref="BanDirectory"/>), and what the banned have said lately is taken back.
/// </summary>
public sealed class ChatModeration(
    AccountDirectory accounts, BanDirectory bans, RobotDirectory robots, Moderators moderators, SaidLines lines, IOptions<ChatOptions> options)
{
    /// <summary>Bans somebody from a robot or, by its owner and for good, from all robots of the owner.</summary>
    /// <param name="by">Who bans.</param>
    /// <param name="address">Where they come from.</param>
    /// <param name="robot">The robot.</param>
    /// <param name="username">An account, or the name of who has not signed in and has spoken there.</param>
    /// <param name="isTimeOut">Whether it ends by itself, after <see cref="ChatOptions.TimeOut"/>.</param>
    /// <returns>What is to be told to whom; or why nothing was done.</returns>
    internal async Task<(ModerationNews? News, Refusal? Refusal)> BanFromRobotAsync(Caller by, IPAddress? address, Robot robot, string username, bool isTimeOut)
    {
        if (!await moderators.MayModerateAsync(robot, by, address))
        {
            return (null, Refusal.MayNotModerate);
        }

        var scope = isTimeOut || !by.Owns(robot) ? BanScope.OfRobot(robot.Handle) : BanScope.OfOwner(robot.Owner);
        return await FindAsync(scope, username) is not { } target ? (null, Refusal.UnknownUser)
            : target.Account is { } account && !by.Owns(robot) && await moderators.IsProtectedAsync(robot, account) ? (null, Refusal.MayNotBan)
            : await BanAsync(by.Account!, scope, target, isTimeOut ? options.Value.TimeOut : null);
    }

    /// <summary>Bans somebody from all of one's own robots or, by an administrator, from the site.</summary>
    /// <inheritdoc cref="BanFromRobotAsync" path="/param"/>
    /// <inheritdoc cref="BanFromRobotAsync" path="/returns"/>
    internal async Task<(ModerationNews? News, Refusal? Refusal)> BanByNameAsync(Caller by, string username, bool isOfSite)
    {
        if (by.Account is not { } moderator || (isOfSite && !moderator.IsAdministrator))
        {
            return (null, Refusal.MayNotModerate);
        }

        var scope = isOfSite ? BanScope.Site : BanScope.OfOwner(moderator.Name);
        return await FindAsync(scope, username) is { } target ? await BanAsync(moderator, scope, target, duration: null) : (null, Refusal.UnknownUser);
    }

    private async Task<BanTarget?> FindAsync(BanScope scope, string username) =>
        await accounts.FindAsync(username) is { } account ? BanTarget.Of(account) : await bans.FindAnonymousAsync(scope, username);

    private async Task<(ModerationNews? News, Refusal? Refusal)> BanAsync(Account by, BanScope scope, BanTarget target, TimeSpan? duration)
    {
        var reached = scope.Kind switch
        {
            BanScopeKind.Robot => await robots.FindByHandleAsync(scope.Subject) is { } robot ? [robot] : [],
            BanScopeKind.Owner => await robots.ListOfOwnerAsync(scope.Subject),
            _ => await robots.ListAsync(),
        };
        target = target with { Said = await lines.FindLastOfAsync(target, reached) };
        try
        {
            if (await bans.MakeAsync(scope, target, reason: "", duration, by.Name, mayShorten: false) is null)
            {
                return (null, Refusal.TooManyBans);
            }
        }
        catch (ArgumentException)
        {
            return (null, Refusal.MayNotBan);
        }

        await lines.TakeBackOfAsync(target, reached, options.Value.TakeBack);
        return (new ModerationNews(target.Name, reached, IsTimeOut: duration is not null), null);
    }
}

/// <summary>What a ban means to those who are in chat.</summary>
/// <param name="Username">Who was banned.</param>
/// <param name="Robots">The robots that it reaches.</param>
/// <param name="IsTimeOut">Whether it ends by itself.</param>
internal sealed record ModerationNews(string Username, IReadOnlyList<Robot> Robots, bool IsTimeOut);
