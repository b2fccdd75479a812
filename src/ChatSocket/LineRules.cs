using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Moderation;
using LiveRobot.Platform.Robots;

namespace LiveRobot.ChatSocket;

/// <summary>What the owner's rules of chat refuse of what people say who do not moderate the robot.</summary>
public sealed class LineRules(SaidLines lines, TimeProvider clock)
{
    /// <summary>Tells why somebody may not say a line now; null when they may.</summary>
    /// <param name="author">Who: an account, or who has not signed in by address, so that another browser is no other person.</param>
    internal async Task<Refusal?> RefusesAsync(Robot robot, ChatRules rules, BanTarget author, string text)
    {
        if (rules.SlowModeSeconds > 0 && await lines.FindLastTimeOfAsync(author, robot) is { } last)
        {
            var wait = last.AddSeconds(rules.SlowModeSeconds) - clock.GetUtcNow();
            if (wait > TimeSpan.Zero)
            {
                return Refusal.SlowMode(rules.SlowModeSeconds, wait);
            }
        }

        if ((rules.Links == LinkRule.Nobody || (rules.Links == LinkRule.Accounts && author.Account is null)) && Links.IsIn(text))
        {
            return Refusal.Links;
        }

        return rules.Words.Count > 0 && new WordFilter(rules.Words).Finds(text) ? Refusal.Words : null;
    }
}
