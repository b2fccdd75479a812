using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;

namespace LiveRobot.Api.ViewerApp;

/// <summary>A robot as the existing viewer app shows it on a page of its own.</summary>
internal sealed class AppRobotPage(Robot robot, RobotState state, IReadOnlyList<string> subscribers, DateTimeOffset now, HttpRequest request)
    : AppRobot(robot, state, request)
{
    /// <summary>The first viewer app asks for the robot's id by this name.</summary>
    [JsonPropertyName("_id")]
    public string UnderscoreId { get; } = robot.Handle;

    [JsonPropertyName("robot_description")]
    public string Description { get; } = robot.Description;

    [JsonPropertyName("custom_panels")]
    public bool CustomPanels { get; } = robot.PanelsInUse is not null;

    [JsonPropertyName("panels")]
    public IReadOnlyList<AppPanels> Panels { get; } = [AppPanels.Of(robot)];

    [JsonPropertyName("subscribers")]
    public IReadOnlyList<string> Subscribers { get; } = subscribers;

    /// <summary>When the robot streamed last, as <c>yyyy-MM-ddTHH:mm:ss.SSSZ</c>; missing while it does not.</summary>
    [JsonPropertyName("ffmpeg_process_exists_timestamp"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? StreamsAt { get; } = state.Live ? now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) : null;
}

/// <summary>The control panels; the app reads the first element of an array of these.</summary>
internal sealed record AppPanels([property: JsonPropertyName("button_panels")] IReadOnlyList<AppPanel> Panels)
{
    public static AppPanels Of(Robot robot)
    {
        var panels = JsonElement.Parse(robot.PanelsInUse ?? ButtonPanels.Default);
        return new AppPanels([.. panels.EnumerateArray().Select((panel, number) => new AppPanel(
            panel.GetProperty("button_panel_label").GetString()!,
            [.. panel.GetProperty("buttons").EnumerateArray().Select((button, place) => AppButton.Of(button, number, place))]))]);
    }
}

/// <summary>One panel.</summary>
internal sealed record AppPanel(
    [property: JsonPropertyName("button_panel_label")] string Label,
    [property: JsonPropertyName("buttons")] IReadOnlyList<AppButton> Buttons);

/// <summary>A button. None has a price here: the app would not press one that its user cannot pay.</summary>
internal sealed record AppButton(
    [property: JsonPropertyName("_id")] string Id,
    [property: JsonPropertyName("label")] string Label,
    [property: JsonPropertyName("command")] string Command,
    [property: JsonPropertyName("premium")] bool IsPremium,
    [property: JsonPropertyName("price")] int Price)
{
    public static AppButton Of(JsonElement button, int panel, int place) => new(
        string.Create(CultureInfo.InvariantCulture, $"{panel}-{place}"),
        button.GetProperty("label").GetString()!,
        button.GetProperty("command").GetString()!,
        IsPremium: false,
        Price: 0);
}
