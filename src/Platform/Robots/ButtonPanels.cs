using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using LiveRobot.Platform.Accounts;

namespace LiveRobot.Platform.Robots;

/// <summary>
/// Control panels in the format that LetsRobot clients exchange: an array of
/// <c>{"button_panel_label", "buttons": [{"label", "command", "premium"?, "price"?}]}</c>. Ours beside it, each may be
/// missing: <c>key</c> (a browser key name), <c>color</c> (<c>#rrggbb</c>), <c>access</c> (names of accounts; the owner
/// is always among them), <c>cooldown</c> (seconds between two presses, whoever presses).
/// </summary>
public static partial class ButtonPanels
{
    /// <summary>The panel of a robot whose owner has made none: the commands that stock LetsRobot hardware obeys.</summary>
    public const string Default =
        """
        [{"button_panel_label":"Drive","buttons":[{"label":"Forward","command":"F","key":"ArrowUp"},{"label":"Left","command":"L","key":"ArrowLeft"},{"label":"Right","command":"R","key":"ArrowRight"},{"label":"Back","command":"B","key":"ArrowDown"}]},{"button_panel_label":"Arm","buttons":[{"label":"Up","command":"U","key":"u"},{"label":"Down","command":"D","key":"j"},{"label":"Open","command":"O","key":"o"},{"label":"Close","command":"C","key":"k"}]}]
        """;

    private const int MaxKeyLength = 20;
    private const double MaxCooldown = 3_600;

    /// <summary>
    /// Reads panels as clients send them: an array, or a JSON text with one; the panels themselves or one object with
    /// them in <c>button_panels</c>; one button where an array of them belongs. Fields that are not known are left out.
    /// </summary>
    /// <param name="sent">What was sent.</param>
    /// <param name="options">The limits.</param>
    /// <returns>The panels as they are stored, in JSON.</returns>
    /// <exception cref="ArgumentException">Something is wrong; the message names the place.</exception>
    public static string Read(JsonElement sent, PanelOptions options)
    {
        if (sent.ValueKind == JsonValueKind.String)
        {
            try
            {
                using var json = JsonDocument.Parse(sent.GetString()!);
                return Read(json.RootElement, options);
            }
            catch (JsonException)
            {
                throw Wrong("button_panels", "the text is not well-formed JSON");
            }
        }

        var panels = sent.ValueKind == JsonValueKind.Array && sent.GetArrayLength() == 1 && IsWrapper(sent[0]) ? sent[0] : sent;
        return Write(IsWrapper(panels) ? panels.GetProperty("button_panels") : panels, options);
    }

    /// <summary>
    /// The panels in use as somebody sees them. Who is on an access list is for the owner to read; others read
    /// <c>may_press</c> in its place, whether they are.
    /// </summary>
    public static JsonElement For(Robot robot, Caller caller)
    {
        var panels = JsonNode.Parse(robot.PanelsInUse ?? Default)!.AsArray();
        foreach (var button in panels.SelectMany(panel => panel!["buttons"]!.AsArray()).Select(button => button!.AsObject()))
        {
            if (!caller.Owns(robot) && button["access"] is JsonArray access)
            {
                button.Remove("access");
                button["may_press"] = DriveRights.IsNamed(access.Select(name => name!.GetValue<string>()), caller);
            }
        }

        return JsonSerializer.SerializeToElement(panels);
    }

    private static bool IsWrapper(JsonElement value) => value.ValueKind == JsonValueKind.Object && value.TryGetProperty("button_panels", out _);

    private static string Write(JsonElement panels, PanelOptions options)
    {
        if (panels.ValueKind != JsonValueKind.Array)
        {
            throw Wrong("button_panels", "an array of panels is expected");
        }

        if (panels.GetArrayLength() > options.MaxPanels)
        {
            throw Wrong("button_panels", $"there are more than {options.MaxPanels} panels");
        }

        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            var number = 0;
            foreach (var panel in panels.EnumerateArray())
            {
                WritePanel(json, panel, $"button_panels[{number++}]", options);
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void WritePanel(Utf8JsonWriter json, JsonElement panel, string place, PanelOptions options)
    {
        if (panel.ValueKind != JsonValueKind.Object)
        {
            throw Wrong(place, "a panel is an object");
        }

        json.WriteStartObject();
        json.WriteString("button_panel_label", Text(panel, "button_panel_label", place, options.MaxLabelLength, isNeeded: false) ?? "");
        json.WriteStartArray("buttons");
        var buttons = panel.TryGetProperty("buttons", out var value) ? value : default;
        var list = buttons.ValueKind switch
        {
            JsonValueKind.Array => buttons.EnumerateArray().ToArray(),
            JsonValueKind.Object => [buttons],
            _ => throw Wrong($"{place}.buttons", "an array of buttons is expected"),
        };
        if (list.Length > options.MaxButtons)
        {
            throw Wrong($"{place}.buttons", $"there are more than {options.MaxButtons} buttons");
        }

        for (var number = 0; number < list.Length; number++)
        {
            WriteButton(json, list[number], $"{place}.buttons[{number}]", options);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteButton(Utf8JsonWriter json, JsonElement button, string place, PanelOptions options)
    {
        if (button.ValueKind != JsonValueKind.Object)
        {
            throw Wrong(place, "a button is an object");
        }

        json.WriteStartObject();
        var command = Text(button, "command", place, options.MaxCommandLength, isNeeded: true)!;
        json.WriteString("label", Text(button, "label", place, options.MaxLabelLength, isNeeded: false) ?? command);
        json.WriteString("command", command);
        if (Text(button, "key", place, MaxKeyLength, isNeeded: false) is { Length: > 0 } key)
        {
            json.WriteString("key", key);
        }

        if (Text(button, "color", place, MaxKeyLength, isNeeded: false) is { Length: > 0 } color)
        {
            json.WriteString("color", Color().IsMatch(color) ? color : throw Wrong($"{place}.color", "a colour is #rrggbb"));
        }

        WriteAccess(json, button, $"{place}.access", options);
        if (Given(button, "cooldown") is { } cooldown)
        {
            json.WriteNumber("cooldown", cooldown.ValueKind == JsonValueKind.Number && cooldown.TryGetDouble(out var seconds) && seconds is >= 0 and <= MaxCooldown
                ? seconds
                : throw Wrong($"{place}.cooldown", $"a number of seconds from 0 to {MaxCooldown} is expected"));
        }

        if (Given(button, "premium") is { } premium)
        {
            json.WriteBoolean("premium", premium.ValueKind is JsonValueKind.True or JsonValueKind.False
                ? premium.GetBoolean()
                : throw Wrong($"{place}.premium", "true or false is expected"));
        }

        if (Given(button, "price") is { } price)
        {
            json.WriteNumber("price", price.ValueKind == JsonValueKind.Number && price.TryGetInt32(out var robits) && robits >= 0
                ? robits
                : throw Wrong($"{place}.price", "a whole number that is not negative is expected"));
        }

        json.WriteEndObject();
    }

    private static void WriteAccess(Utf8JsonWriter json, JsonElement button, string place, PanelOptions options)
    {
        if (Given(button, "access") is not { } access)
        {
            return;
        }

        if (access.ValueKind != JsonValueKind.Array || access.GetArrayLength() > options.MaxAccess)
        {
            throw Wrong(place, $"an array of at most {options.MaxAccess} names is expected");
        }

        json.WriteStartArray("access");
        var number = 0;
        foreach (var name in access.EnumerateArray())
        {
            json.WriteStringValue(name.ValueKind == JsonValueKind.String && AccountNames.IsWellFormed(name.GetString()!)
                ? name.GetString()
                : throw Wrong($"{place}[{number}]", "the name of an account is expected"));
            number++;
        }

        json.WriteEndArray();
    }

    private static string? Text(JsonElement of, string name, string place, int maxLength, bool isNeeded)
    {
        if (Given(of, name) is not { } value)
        {
            return isNeeded ? throw Wrong($"{place}.{name}", "it is missing") : null;
        }

        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Wrong($"{place}.{name}", "a text is expected");
        if (text.Length > maxLength || text.Any(char.IsControl) || (isNeeded && text.Length == 0))
        {
            throw Wrong($"{place}.{name}", $"{(isNeeded ? 1 : 0)} to {maxLength} characters without control characters are expected");
        }

        return text;
    }

    /// <summary>A field that is there and not null.</summary>
    private static JsonElement? Given(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static ArgumentException Wrong(string place, string what) => new($"{place}: {what}.");

    [GeneratedRegex("^#[0-9A-Fa-f]{6}$")]
    private static partial Regex Color();
}
