using System.Security.Cryptography;
using System.Text;

namespace LiveRobot.Platform.Robots;

/// <summary>Makes and checks the names of robots.</summary>
public static class RobotNames
{
    /// <summary>The number of digits of a robot-id: 66 bits of chance, and digits because existing clients expect digits.</summary>
    public const int RobotIdLength = 20;

    /// <summary>The longest name of a robot, in UTF-16 code units.</summary>
    public const int MaxNameLength = 50;

    /// <summary>The longest description of a robot, in UTF-16 code units.</summary>
    public const int MaxDescriptionLength = 1_000;

    /// <summary>The longest handle before a number is added.</summary>
    private const int MaxHandleLength = 40;

    private const string Digits = "0123456789";
    private const string KeyAlphabet = "abcdefghijkmnpqrstuvwxyz23456789";

    /// <summary>Makes a robot-id.</summary>
    public static string NewRobotId() => RandomNumberGenerator.GetString(Digits, RobotIdLength);

    /// <summary>Makes a stream key: 26 characters of a 32-letter alphabet, 130 bits, safe in a path.</summary>
    public static string NewStreamKey() => RandomNumberGenerator.GetString(KeyAlphabet, 26);

    /// <summary>Turns a robot's name into a handle: lower-case letters, digits and single hyphens, a letter first.</summary>
    public static string HandleFor(string name)
    {
        var handle = new StringBuilder();
        foreach (var character in name.ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(character))
            {
                handle.Append(character);
            }
            else if (handle.Length > 0 && handle[^1] != '-' && !char.IsLetterOrDigit(character) && character != '\'')
            {
                handle.Append('-');
            }

            if (handle.Length == MaxHandleLength)
            {
                break;
            }
        }

        var trimmed = handle.ToString().Trim('-');
        return trimmed.Length > 0 && char.IsAsciiLetter(trimmed[0]) ? trimmed : $"robot-{trimmed}".TrimEnd('-');
    }

    /// <summary>Makes a handle with 50 bits of chance behind the name, so that whoever knows the name does not know the handle.</summary>
    public static string SecretHandleFor(string name) => $"{HandleFor(name)}-{RandomNumberGenerator.GetString(KeyAlphabet, 10)}";

    /// <summary>Checks a robot's name.</summary>
    /// <exception cref="ArgumentException">It is empty, longer than <see cref="MaxNameLength"/>, or has a control character or a <c>]</c>.</exception>
    public static void CheckName(string name, string parameter)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > MaxNameLength)
        {
            throw new ArgumentException($"A robot's name has 1 to {MaxNameLength} characters.", parameter);
        }

        // Existing robots find the text of a chat line behind the first ']' of "[robot name] text".
        if (name.Any(character => char.IsControl(character) || character == ']'))
        {
            throw new ArgumentException("A robot's name has no control characters and no ']'.", parameter);
        }
    }

    /// <summary>Checks a robot's description.</summary>
    /// <exception cref="ArgumentException">It is longer than <see cref="MaxDescriptionLength"/>, or has a control character other than a line break.</exception>
    public static void CheckDescription(string description, string parameter)
    {
        if (description.Length > MaxDescriptionLength || description.Any(character => char.IsControl(character) && character is not ('\n' or '\r')))
        {
            throw new ArgumentException($"A description has at most {MaxDescriptionLength} characters and no control characters.", parameter);
        }
    }
}
