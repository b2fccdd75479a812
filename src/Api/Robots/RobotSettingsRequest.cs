using System.Globalization;
using System.Text.Json;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Robots;

namespace LiveRobot.Api.Robots;

/// <summary>
/// Reads what somebody wants changed of a robot: a JSON object with the changed keys alone, under the names that existing
/// clients use. Booleans may be the texts <c>"true"</c> and <c>"false"</c>, or <c>"1"</c> and <c>"0"</c> as in forms of the
/// existing viewer app; numbers may be texts too. Keys that are not known are passed over.
/// </summary>
internal static class RobotSettingsRequest
{
    /// <summary>The most people that an owner may name as drivers.</summary>
    public const int MaxDrivers = 100;

    /// <summary>The most networks from which a robot may come without its robot token.</summary>
    public const int MaxNetworks = 20;

    private const int MaxSide = 7_680;

    /// <summary>Gives the robot with the changes.</summary>
    /// <exception cref="ArgumentException">A value is wrong; the message names its key.</exception>
    public static Robot Apply(Robot robot, JsonElement settings, PanelOptions panels)
    {
        foreach (var setting in settings.EnumerateObject())
        {
            var (key, value) = (setting.Name, setting.Value);
            robot = key switch
            {
                "robot_name" or "name" => robot with { Name = Text(key, value) },
                "robot_description" or "description" => robot with { Description = Text(key, value) },
                "xres" => robot with { XRes = Side(key, value) },
                "yres" => robot with { YRes = Side(key, value) },
                "mic_enabled" => robot with { MicEnabled = Bool(key, value) },
                "public" => robot with { Visibility = Public(Bool(key, value), robot.Visibility) },
                "visibility" => robot with { Visibility = VisibilityOf(key, value) },
                "dev_mode" => robot with { DevMode = Bool(key, value) },
                "anonymous_control" or "allow_anonymous_control" => robot with { AnonymousControl = Bool(key, value) },
                "non_global_chat" => robot with { NonGlobalChat = Bool(key, value) },
                "global_chat" => robot with { NonGlobalChat = !Bool(key, value) },
                "profanity_filter" or "strong_filtering" => robot with { ProfanityFilter = Bool(key, value) },
                "no_exclusive_control_button" => robot with { NoExclusiveControlButton = Bool(key, value) },
                "show_exclusive" => robot with { NoExclusiveControlButton = !Bool(key, value) },
                "mute_text-to-speech" or "mute" => robot with { MuteTextToSpeech = Bool(key, value) },
                "release" => robot with { Release = ReleaseOf(key, value) },
                "drive" => robot with { Drive = DriveRuleWords.Parse(Text(key, value)) ?? throw Wrong(key, "everyone, signed_in, named or owner is expected") },
                "drivers" => robot with { Drivers = Names(key, value) },
                "bare_robot_id" => robot with { BareIds = BareIdRuleWords.Parse(Text(key, value)) ?? throw Wrong(key, "everywhere, tls, networks or off is expected") },
                "bare_robot_id_networks" => robot with { BareIdNetworks = Networks(key, value) },
                "custom_panels" => robot with { CustomPanels = Bool(key, value) },
                "button_panels" or "panels" => robot with { ButtonPanels = value.ValueKind == JsonValueKind.Null ? null : ButtonPanels.Read(value, panels) },
                _ => robot,
            };
        }

        return robot;
    }

    /// <summary>"Not public" is what existing clients can say; whether unlisted or private is kept where it was said.</summary>
    private static Visibility Public(bool isPublic, Visibility now) =>
        isPublic ? Visibility.Public : now == Visibility.Public ? Visibility.Unlisted : now;

    private static string Text(string key, JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Wrong(key, "a text is expected");

    private static bool Bool(string key, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String when bool.TryParse(value.GetString(), out var said) => said,
        JsonValueKind.String when value.GetString() is "1" or "0" => value.GetString() == "1",
        _ => throw Wrong(key, "true or false is expected"),
    };

    private static int Side(string key, JsonElement value)
    {
        var isNumber = value.ValueKind switch
        {
            JsonValueKind.Number => value.TryGetInt32(out _),
            JsonValueKind.String => int.TryParse(value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out _),
            _ => false,
        };
        var side = !isNumber ? 0
            : value.ValueKind == JsonValueKind.Number ? value.GetInt32()
            : int.Parse(value.GetString()!, CultureInfo.InvariantCulture);
        return side is >= 16 and <= MaxSide ? side : throw Wrong(key, $"a number of pixels from 16 to {MaxSide} is expected");
    }

    private static Visibility VisibilityOf(string key, JsonElement value) => Text(key, value) switch
    {
        "public" => Visibility.Public,
        "unlisted" => Visibility.Unlisted,
        "private" => Visibility.Private,
        _ => throw Wrong(key, "public, unlisted or private is expected"),
    };

    private static ReleaseRule ReleaseOf(string key, JsonElement value) => Text(key, value) switch
    {
        "up" => ReleaseRule.Up,
        "stop" => ReleaseRule.Stop,
        "none" => ReleaseRule.None,
        _ => throw Wrong(key, "up, stop or none is expected"),
    };

    private static string[] Names(string key, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > MaxDrivers)
        {
            throw Wrong(key, $"an array of at most {MaxDrivers} names is expected");
        }

        return
        [
            .. value.EnumerateArray().Select((name, number) => name.ValueKind == JsonValueKind.String && AccountNames.IsWellFormed(name.GetString()!)
                ? name.GetString()!
                : throw Wrong($"{key}[{number}]", "the name of an account is expected")),
        ];
    }

    private static IReadOnlyList<string> Networks(string key, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > MaxNetworks)
        {
            throw Wrong(key, $"a list of at most {MaxNetworks} networks is expected");
        }

        return
        [
            .. value.EnumerateArray().Select((network, number) => network.ValueKind == JsonValueKind.String && BareIdRuleWords.TryReadNetwork(network.GetString()!, out _)
                ? network.GetString()!
                : throw Wrong($"{key}[{number}]", "a network such as 192.168.0.0/16 is expected")),
        ];
    }

    private static ArgumentException Wrong(string key, string what) => new($"{key}: {what}.");
}
