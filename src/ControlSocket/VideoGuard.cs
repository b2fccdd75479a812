using LiveRobot.ControlSocket.Robots;
using LiveRobot.Platform.Hosting;
using LiveRobot.Platform.Presence;

using Microsoft.Extensions.Options;

namespace LiveRobot.ControlSocket;

/// <summary>
/// Watches the pictures of the robots whose owner wants them driven by sight alone
/// (<see cref="Platform.Control.ControlRules.VideoBound"/>). A picture stands still after
/// <see cref="PresenceOptions.StalledAfter"/> without a frame.
/// </summary>
/// <remarks>
/// While presence is away nobody can tell: a picture that moved when it was last seen is then taken to move for
/// <see cref="ControlOptions.VideoUnknownTime"/>, and one that stood still to stand still. Presence that is back may have
/// forgotten the frames that came meanwhile; relays tell it of new ones within <see cref="PresenceOptions.NoneAfter"/>.
/// </remarks>
internal sealed partial class VideoGuard(
    RobotControls controls,
    RobotPresence presence,
    IOptions<ControlOptions> options,
    IOptions<PresenceOptions> presenceOptions,
    TimeProvider clock,
    ILogger<VideoGuard> logger) : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);

    private readonly RepeatedAttempt _looking = new(exception => Log.NotKnown(logger, exception), () => Log.KnownAgain(logger));

    /// <summary>The robots that are bound to their picture, and when it was last seen to move; null: it stands still.</summary>
    private readonly Dictionary<RobotControl, long?> _bound = [];

    private bool _isAway;
    private long? _backAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            RobotControl[] bound = [.. controls.All.Where(control => control.Rules.VideoBound)];
            foreach (var control in _bound.Keys.Except(bound).ToArray())
            {
                _bound.Remove(control);
                control.VideoStalled(false);
            }

            if (bound.Length > 0)
            {
                await LookAsync(bound);
            }
        }
    }

    private async Task LookAsync(RobotControl[] bound)
    {
        IReadOnlyList<RobotState>? states = null;
        await _looking.RunAsync(async () => states = await presence.GetAsync([.. bound.Select(control => control.Robot)]));
        if (_isAway && states is not null)
        {
            _backAt = clock.GetTimestamp();
        }

        _isAway = states is null;
        var mayBeUnseen = _isAway || (_backAt is { } back && clock.GetElapsedTime(back) < presenceOptions.Value.NoneAfter);
        for (var i = 0; i < bound.Length; i++)
        {
            Tell(bound[i], states?[i].Video == VideoState.Flowing, mayBeUnseen);
        }
    }

    /// <param name="mayBeUnseen">Whether it may move although it was not seen to.</param>
    private void Tell(RobotControl control, bool moves, bool mayBeUnseen)
    {
        var isNew = !_bound.TryGetValue(control, out var movedBefore);
        long? moved = moves ? clock.GetTimestamp()
            : mayBeUnseen && movedBefore is { } before && clock.GetElapsedTime(before) < options.Value.VideoUnknownTime ? before
            : null;
        _bound[control] = moved;
        if (isNew || moved is null != movedBefore is null)
        {
            control.VideoStalled(moved is null);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Whether pictures move is not known; robots that are bound to theirs are driven for a while where it did.", EventName = "NotKnown")]
        public static partial void NotKnown(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Information, "Whether pictures move is known again.", EventName = "KnownAgain")]
        public static partial void KnownAgain(ILogger logger);
    }
}
