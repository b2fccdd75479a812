using System.Text.Json;

namespace LiveRobot.Platform.Robots;

/// <summary>What the buttons of a robot's panels do. Null stands for a robot without panels of its own: any command may be said to it.</summary>
public sealed class PanelCommands
{
    private readonly Dictionary<string, PanelButton> _buttons = new(StringComparer.Ordinal);

    private PanelCommands()
    {
    }

    /// <summary>Reads the panels that are in use; null when there are none.</summary>
    public static PanelCommands? Of(Robot robot)
    {
        if (robot.PanelsInUse is not { } json)
        {
            return null;
        }

        var commands = new PanelCommands();
        foreach (var button in JsonElement.Parse(json).EnumerateArray().SelectMany(panel => panel.GetProperty("buttons").EnumerateArray()))
        {
            var read = new PanelButton(
                button.GetProperty("command").GetString()!,
                button.TryGetProperty("access", out var access) ? [.. access.EnumerateArray().Select(name => name.GetString()!)] : null,
                TimeSpan.FromSeconds(button.TryGetProperty("cooldown", out var cooldown) ? cooldown.GetDouble() : 0));

            // Two buttons may say the same; who may press either may say it.
            commands._buttons[read.Command] = commands._buttons.TryGetValue(read.Command, out var other) ? other.Or(read) : read;
        }

        return commands;
    }

    /// <summary>Finds the button that says a command; null when none does.</summary>
    public PanelButton? Find(string command) => _buttons.GetValueOrDefault(command);
}

/// <summary>A button, as far as the server holds people to it.</summary>
/// <param name="Command">What it says to the robot: the server's own copy.</param>
/// <param name="Access">The names of those who may press it beside the owner; null: everyone who may drive.</param>
/// <param name="Cooldown">The time between two presses, whoever presses.</param>
public sealed record PanelButton(string Command, IReadOnlyList<string>? Access, TimeSpan Cooldown)
{
    /// <summary>The more generous of two buttons with one command.</summary>
    internal PanelButton Or(PanelButton other) => new(
        Command,
        Access is null || other.Access is null ? null : [.. Access, .. other.Access],
        Cooldown < other.Cooldown ? Cooldown : other.Cooldown);
}
