using System.Collections.Concurrent;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Robots;

using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Chat;

/// <summary>Has what a robot says at a socket that is none of chat said by the process that serves its chat, over the bus.</summary>
public sealed class RobotVoice : IDisposable
{
    private readonly IBus _bus;
    private readonly TimeSpan _answerTime;
    private readonly TimeProvider _clock;
    private readonly IDisposable _subscription;

    /// <summary>What is not answered yet. Robots say little (<see cref="RobotSpeech"/>), and each waits for a bounded time.</summary>
    private readonly ConcurrentDictionary<string, TaskCompletionSource<string?>> _asked = new();

    public RobotVoice(IBus bus, IOptions<RobotSpeechOptions> options, TimeProvider clock)
    {
        (_bus, _answerTime, _clock) = (bus, options.Value.AnswerTime, clock);
        _subscription = bus.Subscribe<RobotHeard>(heard =>
        {
            if (_asked.TryGetValue(heard.Id, out var asked))
            {
                asked.TrySetResult(heard.MessageId);
            }
        });
    }

    /// <summary>Says something that nothing speaks against. What one robot says is said in the order of these calls.</summary>
    /// <returns>
    /// The id of the line, which is stored; null when nobody has said so within <see cref="RobotSpeechOptions.AnswerTime"/>.
    /// Then it may have been said all the same: the answer is lost, or late.
    /// </returns>
    public async Task<string?> SayAsync(Robot robot, string text)
    {
        var id = Guid.NewGuid().ToString("N");
        var asked = _asked[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            _bus.Publish(new RobotSpoke(id, robot.Handle, text));
            return await asked.Task.WaitAsync(_answerTime, _clock);
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            _asked.TryRemove(id, out _);
        }
    }

    public void Dispose() => _subscription.Dispose();
}
