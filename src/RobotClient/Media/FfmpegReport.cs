using System.Text.RegularExpressions;

namespace LiveRobot.RobotClient.Media;

/// <summary>What one run of ffmpeg says on standard error, where <c>-loglevel level+info</c> puts the level before each line.</summary>
internal sealed partial class FfmpegReport
{
    private const int MostLines = 50;

    private readonly TaskCompletionSource _sending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _lines;

    /// <summary>Completes when the relay has taken the feed: ffmpeg describes its output once it is open.</summary>
    public Task Sending => _sending.Task;

    /// <summary>Gets the HTTP status with which the relay refused the feed, or null.</summary>
    public string? HttpStatus { get; private set; }

    /// <summary>
    /// Takes a line; true when it is worth logging: a warning or an error, not the refusal, which is told in better
    /// words, and not the fifty-first.
    /// </summary>
    public bool Add(string line)
    {
        if (Information().Match(line) is { Success: true } information)
        {
            if (line.AsSpan(information.Length).StartsWith("Output #0,"))
            {
                _sending.TrySetResult();
            }

            return false;
        }

        if (HttpError().Match(line) is { Success: true } error)
        {
            HttpStatus = error.Groups["status"].Value;
            return false;
        }

        return HttpStatus is null && _lines++ < MostLines;
    }

    // The part of ffmpeg that speaks, if it says so, and the level. What the shell says has neither.
    [GeneratedRegex(@"^(\[[^\]]+ @ 0x[0-9a-f]+\] )?\[info\] ")]
    private static partial Regex Information();

    [GeneratedRegex(@"HTTP error (?<status>\d{3})")]
    private static partial Regex HttpError();
}
