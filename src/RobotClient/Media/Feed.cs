using LiveRobot.RobotClient.Server;

using Microsoft.Extensions.Logging;

namespace LiveRobot.RobotClient.Media;

/// <summary>
/// Keeps one ffmpeg sending. Each start begins with a fresh plan, that is with fresh look-ups; an ffmpeg that ends is
/// started again after 1 to 5 seconds; one whose plan has changed is replaced at once.
/// </summary>
/// <param name="name">The feed's name in the log.</param>
/// <param name="ffmpeg">The ffmpeg program.</param>
/// <param name="makePlan">Looks up how to send; null: nothing is to be sent now.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class Feed(
    string name,
    string ffmpeg,
    Func<CancellationToken, Task<FeedPlan?>> makePlan,
    TimeProvider time,
    ILogger<Feed> logger)
{
    // One that sent for this long was well: the next failure begins at the shortest delay again.
    private static readonly TimeSpan GoodRun = TimeSpan.FromSeconds(10);

    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), time);
    private readonly Nudge _refresh = new();
    private volatile bool _isEnabled = true;
    private bool _isSending;
    private string? _lastFailure;

    private enum Ending
    {
        /// <summary>ffmpeg ended, or could not be started.</summary>
        ByItself,

        /// <summary>The plan has changed.</summary>
        PlanChanged,
    }

    /// <summary>Runs when sending has begun (true) or ended (false); a replaced ffmpeg is neither.</summary>
    public Action<bool> SendingChanged { get; init; } = _ => { };

    /// <summary>Switches the feed on or off.</summary>
    public void Enable(bool isEnabled)
    {
        _isEnabled = isEnabled;
        Refresh();
    }

    /// <summary>Plans again, and replaces ffmpeg if the plan is another one.</summary>
    public void Refresh() => _refresh.Give();

    /// <summary>Keeps sending until cancelled; no ffmpeg is left then.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var refresh = _refresh.Next;
                var (isPlanned, plan) = await TryPlanAsync(cancellationToken);
                if (!isPlanned)
                {
                    await _backoff.WaitAsync(cancellationToken);
                }
                else if (plan is null)
                {
                    SetSending(false);
                    await refresh.WaitAsync(cancellationToken);
                }
                else if (await SendAsync(plan, refresh, cancellationToken) == Ending.ByItself)
                {
                    SetSending(false);
                    await _backoff.WaitAsync(cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            SetSending(false);
        }
    }

    private async Task<(bool IsPlanned, FeedPlan? Plan)> TryPlanAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (true, _isEnabled ? await makePlan(cancellationToken) : null);
        }
        catch (LookupException exception)
        {
            if (IsNews(exception.Message))
            {
                Log.LookupFailed(logger, name, exception.Message);
            }

            return (false, null);
        }
    }

    private async Task<Ending> SendAsync(FeedPlan plan, Task refresh, CancellationToken cancellationToken)
    {
        var since = time.GetTimestamp();
        var report = new FfmpegReport();
        await using var process = FfmpegProcess.Start(ffmpeg, plan.Arguments, plan.Directory, line => OnLine(report, line));
        while (true)
        {
            var first = await (_isSending
                ? Task.WhenAny(process.Exited, refresh)
                : Task.WhenAny(process.Exited, refresh, report.Sending)).WaitAsync(cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            if (first == process.Exited)
            {
                Tell(report, await process.Exited);
                if (time.GetElapsedTime(since) >= GoodRun)
                {
                    _backoff.Reset();
                }

                return Ending.ByItself;
            }

            if (first == report.Sending)
            {
                SetSending(true);
                continue;
            }

            refresh = _refresh.Next;
            if (await TryPlanAsync(cancellationToken) is (true, var newPlan) && !plan.IsSameAs(newPlan))
            {
                return Ending.PlanChanged;
            }
        }
    }

    private void SetSending(bool isSending)
    {
        if (_isSending != isSending)
        {
            _isSending = isSending;
            if (isSending)
            {
                _lastFailure = null;
                Log.Sending(logger, name);
            }

            SendingChanged(isSending);
        }
    }

    private void OnLine(FfmpegReport report, string line)
    {
        if (report.Add(line))
        {
            Log.FfmpegLine(logger, name, line);
        }
    }

    private void Tell(FfmpegReport report, int exitCode)
    {
        var status = report.HttpStatus;
        if (!IsNews(status ?? $"exit {exitCode}"))
        {
            return;
        }

        switch (status)
        {
            case null:
                Log.FfmpegEnded(logger, name, exitCode);
                break;
            case "403":
                Log.KeyRefused(logger, name);
                break;
            case "409":
                Log.Conflict(logger, name);
                break;
            default:
                Log.FeedRefused(logger, name, status);
                break;
        }
    }

    // The same failure, over and over, is told once.
    private bool IsNews(string failure)
    {
        var isNews = failure != _lastFailure;
        _lastFailure = failure;
        return isNews;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The {Feed} feed is being sent.", EventName = "Sending")]
        public static partial void Sending(ILogger logger, string feed);

        [LoggerMessage(2, LogLevel.Warning, "The {Feed} feed waits ({Reason}); trying again.", EventName = "LookupFailed")]
        public static partial void LookupFailed(ILogger logger, string feed, string reason);

        [LoggerMessage(3, LogLevel.Warning, "ffmpeg ({Feed}): {Line}", EventName = "FfmpegLine")]
        public static partial void FfmpegLine(ILogger logger, string feed, string line);

        [LoggerMessage(4, LogLevel.Warning, "ffmpeg ({Feed}) ended with code {ExitCode}. It is started again.", EventName = "FfmpegEnded")]
        public static partial void FfmpegEnded(ILogger logger, string feed, int exitCode);

        [LoggerMessage(5, LogLevel.Error, "The relay refuses the {Feed} feed: wrong stream key (403). Compare --stream-key with the robot's settings. It is tried again.", EventName = "KeyRefused")]
        public static partial void KeyRefused(ILogger logger, string feed);

        [LoggerMessage(6, LogLevel.Error, "The relay refuses the {Feed} feed: another program is sending with the same stream key (409). It is tried again.", EventName = "Conflict")]
        public static partial void Conflict(ILogger logger, string feed);

        [LoggerMessage(7, LogLevel.Error, "The relay refuses the {Feed} feed with HTTP status {Status}. It is tried again.", EventName = "FeedRefused")]
        public static partial void FeedRefused(ILogger logger, string feed, string status);
    }
}
