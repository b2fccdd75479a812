using LiveRobot.RobotClient.Configuration;

namespace LiveRobot.RobotClient.Text;

/// <summary>Takes the robot's secrets out of text that is about to be logged, as they are and as they stand in an address.</summary>
internal sealed class Redaction(params string[] secrets)
{
    public const string Mark = "[secret]";

    // The longest first: a secret may contain another.
    private readonly string[] _secrets = [.. secrets
        .Where(secret => secret.Length > 0)
        .SelectMany(secret => new[] { secret, Uri.EscapeDataString(secret) })
        .Distinct()
        .OrderByDescending(secret => secret.Length)];

    public static Redaction Of(RobotOptions options) => new(options.RobotId, options.StreamKey, options.RobotToken ?? "");

    public string Apply(string text)
    {
        foreach (var secret in _secrets)
        {
            text = text.Replace(secret, Mark, StringComparison.Ordinal);
        }

        return text;
    }
}
