using System.Text.Json.Serialization;

using LiveRobot.Platform.Robots;

namespace LiveRobot.ChatSocket;

/// <summary>A chat line as it is stored: without the robot's name in front.</summary>
/// <param name="MessageId">24 hexadecimal digits.</param>
/// <param name="Handle">The robot it was said to.</param>
/// <param name="Name">Who said it; given by the server.</param>
/// <param name="Text">What was said.</param>
/// <param name="Color">The colour of the name, <c>#rrggbb</c>.</param>
/// <param name="Anonymous">Whether who said it had not signed in.</param>
public sealed record ChatMessage(string MessageId, string Handle, string Name, string Text, string Color, bool Anonymous)
{
    /// <summary>Gets the address of who had not signed in (see <see cref="Platform.Bans.BanTarget.RangeOf"/>), so that they can be banned by what they said. Nobody is shown it.</summary>
    public string? Address { get; init; }

    /// <summary>Gets whether the robot itself said it.</summary>
    public bool IsByRobot { get; init; }

    /// <summary>The message as viewers get it, who know the robot by its handle.</summary>
    /// <param name="moderators">The names of those whom the owner has named.</param>
    public Wire ForViewers(Robot robot, IReadOnlyCollection<string> moderators) => ToWire(robot, robot.Handle) with
    {
        IsByOwner = !Anonymous && !IsByRobot && Name == robot.Owner,
        IsByModerator = !Anonymous && !IsByRobot && moderators.Contains(Name),
        MentionsRobot = !IsByRobot && Mentions(robot.Name),
    };

    /// <summary>The message as the robot gets it, which compares <c>robot_id</c> with its own.</summary>
    public Wire ForRobot(Robot robot) => ToWire(robot, robot.RobotId);

    // Robots speak what follows the first ']', and drop the character after it.
    private Wire ToWire(Robot robot, string robotId) => new(
        Name, $"[{robot.Name}] {Text}", robotId, robot.Owner, robot.NonGlobalChat, Color, Anonymous, MessageId, IsByRobot ? true : null);

    /// <summary>Tells whether the line names the robot: <c>@Name</c> or <c>[Name]</c>, in whatever case.</summary>
    private bool Mentions(string robotName)
    {
        if (Text.Contains($"[{robotName}]", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        var name = $"@{robotName}";
        for (var at = Text.IndexOf(name, StringComparison.OrdinalIgnoreCase); at >= 0; at = Text.IndexOf(name, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            var end = at + name.Length;
            if (end == Text.Length || !char.IsLetterOrDigit(Text[end]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The argument of <c>chat_message_with_name</c>. Existing clients need every field but the last four.</summary>
    public sealed record Wire(
        [property: JsonPropertyName("name")] string Name,
        [property: JsonPropertyName("message")] string Message,
        [property: JsonPropertyName("robot_id")] string RobotId,
        [property: JsonPropertyName("room")] string Room,
        [property: JsonPropertyName("non_global")] bool NonGlobal,
        [property: JsonPropertyName("username_color")] string UsernameColor,
        [property: JsonPropertyName("anonymous")] bool Anonymous,
        [property: JsonPropertyName("_id")] string Id,
        [property: JsonPropertyName("robot"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? IsByRobot)
    {
        /// <summary>Gets whether the robot's owner said it. This and the next are told to viewers alone, and only when it is so.</summary>
        [JsonPropertyName("owner"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public bool IsByOwner { get; init; }

        /// <summary>Gets whether somebody said it whom the owner has named to moderate.</summary>
        [JsonPropertyName("moderator"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public bool IsByModerator { get; init; }

        /// <summary>Gets whether it names the robot.</summary>
        [JsonPropertyName("mentions_robot"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public bool MentionsRobot { get; init; }
    }
}
