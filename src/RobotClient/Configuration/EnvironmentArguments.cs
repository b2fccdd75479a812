using System.CommandLine;

namespace LiveRobot.RobotClient.Configuration;

/// <summary>
/// Options from the environment: <c>--stream-key</c> is also <c>LIVEROBOT_STREAM_KEY</c>, so that a secret need not
/// stand on a command line that everyone on the machine can read. What the command line says wins.
/// </summary>
/// <remarks>The values become arguments before parsing. As an option's default they would show up in the help text.</remarks>
internal static class EnvironmentArguments
{
    public const string Prefix = "LIVEROBOT_";

    public static string VariableOf(Option option) =>
        Prefix + option.Name.TrimStart('-').Replace('-', '_').ToUpperInvariant();

    public static string[] AddTo(string[] arguments, IEnumerable<Option> options, Func<string, string?> environment)
    {
        List<string> all = [.. arguments];
        foreach (var option in options)
        {
            var value = environment(VariableOf(option));
            if (!string.IsNullOrEmpty(value) && !arguments.Any(argument => Names(argument, option)))
            {
                all.Add($"{option.Name}={value}");
            }
        }

        return [.. all];
    }

    private static bool Names(string argument, Option option) =>
        argument == option.Name
        || argument.StartsWith(option.Name + "=", StringComparison.Ordinal)
        || argument.StartsWith(option.Name + ":", StringComparison.Ordinal);
}
