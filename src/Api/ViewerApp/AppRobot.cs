using System.Text.Json.Serialization;

using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;

namespace LiveRobot.Api.ViewerApp;

/// <summary>A robot in a list of the existing viewer app, which reads some of it under two names.</summary>
internal class AppRobot(Robot robot, RobotState state, HttpRequest request)
{
    [JsonPropertyName("name")]
    public string Name { get; } = robot.Name;

    [JsonPropertyName("robot_name")]
    public string RobotName { get; } = robot.Name;

    [JsonPropertyName("id")]
    public string Id { get; } = robot.Handle;

    [JsonPropertyName("robot_id")]
    public string RobotId { get; } = robot.Handle;

    /// <summary><c>online</c> means live.</summary>
    [JsonPropertyName("status")]
    public string Status { get; } = state.Live ? "online" : "offline";

    [JsonPropertyName("avatar")]
    public AppAvatar Avatar { get; } = new($"{request.Scheme}://{request.Host}{request.PathBase}/images/thumbnails/{robot.Handle}.jpg");

    [JsonPropertyName("owner")]
    public string Owner { get; } = robot.Owner;

    [JsonPropertyName("public")]
    public bool IsPublic { get; } = robot.Visibility == Visibility.Public;

    [JsonPropertyName("mute")]
    public bool Mute { get; } = robot.MuteTextToSpeech;

    [JsonPropertyName("strong_filtering")]
    public bool StrongFiltering { get; } = robot.ProfanityFilter;

    [JsonPropertyName("allow_anonymous_control")]
    public bool AllowAnonymousControl { get; } = robot.AnonymousControl;

    [JsonPropertyName("dev_mode")]
    public bool DevMode { get; } = robot.DevMode;

    [JsonPropertyName("non_global_chat")]
    public bool NonGlobalChat { get; } = robot.NonGlobalChat;
}

/// <summary>The address of a robot's picture.</summary>
internal sealed record AppAvatar([property: JsonPropertyName("large")] string Large);
