using System.Diagnostics.Metrics;

namespace LiveRobot.ChatSocket;

/// <summary>What is counted of chat (meter <c>LiveRobot.Chat</c>).</summary>
public sealed class ChatMetrics
{
    private readonly Counter<long> _lines;

    public ChatMetrics(IMeterFactory meters) => _lines = meters.Create("LiveRobot.Chat").CreateCounter<long>(
        "liverobot.chat.lines", "{line}", "Chat lines, by who said them and by outcome: accepted, or the code of the refusal.");

    /// <summary>A line was accepted (null) or refused.</summary>
    internal void Said(bool byRobot, Refusal? refusal) => Said(byRobot, refusal?.Code ?? "accepted");

    /// <summary>A line was accepted, or refused with a code.</summary>
    internal void Said(bool byRobot, string outcome) =>
        _lines.Add(1, new("by", byRobot ? "robot" : "viewer"), new("outcome", outcome));
}
