using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Robots;

using Microsoft.Extensions.Options;

namespace LiveRobot.ChatSocket;

/// <summary>
/// What owners and administrators do against people in chat, by the names that chat shows: each is a ban
/// (<see cref="BanDirectory"/>), and what the banned have said lately is taken back.
/// </summary>
public sealed class ChatModeration(AccountDirectory accounts, BanDirectory bans, RobotDirectory robots, ChatLog log, IOptions<ChatOptions> options)
{
    /// <summary>Bans somebody and takes their lines back.</summary>
    /// <param name="by">Who bans.</param>
    /// <param name="scope">From what.</param>
    /// <param name="owner">Whose robots that are; empty for the site.</param>
    /// <param name="username">An account, or the name of who has not signed in and has spoken there.</param>
    /// <param name="isTimeOut">Whether it ends by itself, after <see cref="ChatOptions.TimeOut"/>.</param>
    /// <returns>What is to be told to whom; or why nothing was done.</returns>
    internal async Task<(ModerationNews? News, Refusal? Refusal)> BanAsync(Caller by, BanScope scope, string owner, string username, bool isTimeOut)
    {
        if (by.Account is not { } moderator || (!moderator.IsAdministrator && (scope.Kind == BanScopeKind.Site || moderator.Name != owner)))
        {
            return (null, Refusal.MayNotModerate);
        }

        var target = await accounts.FindAsync(username) is { } account ? BanTarget.Of(account) : await bans.FindAnonymousAsync(scope, username);
        if (target is null)
        {
            return (null, Refusal.UnknownUser);
        }

        try
        {
            if (await bans.MakeAsync(scope, target, reason: "", isTimeOut ? options.Value.TimeOut : null, moderator.Name, mayShorten: false) is null)
            {
                return (null, Refusal.TooManyBans);
            }
        }
        catch (ArgumentException)
        {
            return (null, Refusal.MayNotBan);
        }

        var reached = scope.Kind switch
        {
            BanScopeKind.Robot => await robots.FindByHandleAsync(scope.Subject) is { } robot ? [robot] : [],
            BanScopeKind.Owner => await robots.ListOfOwnerAsync(owner),
            _ => await robots.ListAsync(),
        };
        return (new ModerationNews(target.Name, reached, await log.RemoveOfAsync(target, reached)), null);
    }
}

/// <summary>What a ban means to those who are in chat.</summary>
/// <param name="Username">Who was banned.</param>
/// <param name="Robots">The robots that it reaches.</param>
/// <param name="Removed">The lines that were taken back, by the handle of the robot that they were said to.</param>
internal sealed record ModerationNews(string Username, IReadOnlyList<Robot> Robots, ILookup<string, string> Removed);
