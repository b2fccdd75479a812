using System.Data.Common;
using System.Globalization;
using System.Threading.Channels;

using Dapper;

namespace LiveRobot.Platform.Bus;

/// <summary>
/// Changes of what is stored, on their way to the bus. A change is written in the transaction that makes it, so that it
/// is neither announced without having happened nor lost when the process dies; every process on the same store,
/// one that a command line changed included, then publishes it (<see cref="ChangeFeed"/>).
/// </summary>
public sealed class Changes(TimeProvider clock)
{
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Gets what wakes the feed of this process before its time.</summary>
    internal ChannelReader<bool> Wake => _wake.Reader;

    /// <summary>Writes a message that is published once the transaction is committed.</summary>
    internal Task AddAsync(DbConnection connection, DbTransaction transaction, object message)
    {
        var (kind, subject) = message switch
        {
            RobotSettingsChanged changed => ("robot", changed.Handle),
            RobotAccessChanged changed => ("robot-access", changed.Handle),
            StreamKeyReplaced replaced => ("stream-key", replaced.CameraId.ToString(CultureInfo.InvariantCulture)),
            AccountChanged changed => ("account", changed.Name),
            AddressBanned banned => ("address-banned", banned.Range),
            ControlRulesChanged changed => ("control-rules", changed.Handle),
            ChatRulesChanged changed => ("chat-rules", changed.Handle),
            LineRemoved removed => ("line-removed", $"{removed.Handle} {removed.MessageId}"),
            VideoSwitched { IsOn: true } switched => ("video-on", switched.Handle),
            VideoSwitched switched => ("video-off", switched.Handle),
            _ => throw new ArgumentException($"{message.GetType().Name} is not a change of what is stored.", nameof(message)),
        };
        return connection.ExecuteAsync(
            "INSERT INTO changes (kind, subject, changed_at) VALUES (@kind, @subject, @now)",
            new { kind, subject, now = clock.GetUtcNow().ToUnixTimeMilliseconds() },
            transaction);
    }

    /// <summary>Has this process publish at once what was committed. Other processes find it by themselves.</summary>
    internal void Announce() => _wake.Writer.TryWrite(true);

    internal static void Publish(IBus bus, string kind, string subject)
    {
        switch (kind)
        {
            case "robot":
                bus.Publish(new RobotSettingsChanged(subject));
                break;
            case "robot-access":
                bus.Publish(new RobotAccessChanged(subject));
                break;
            case "stream-key":
                bus.Publish(new StreamKeyReplaced(int.Parse(subject, CultureInfo.InvariantCulture)));
                break;
            case "account":
                bus.Publish(new AccountChanged(subject));
                break;
            case "address-banned":
                bus.Publish(new AddressBanned(subject));
                break;
            case "control-rules":
                bus.Publish(new ControlRulesChanged(subject));
                break;
            case "chat-rules":
                bus.Publish(new ChatRulesChanged(subject));
                break;
            case "line-removed":
                var names = subject.Split(' ');
                bus.Publish(new LineRemoved(names[0], names[1]));
                break;
            case "video-on" or "video-off":
                bus.Publish(new VideoSwitched(subject, IsOn: kind == "video-on"));
                break;
        }
    }
}
