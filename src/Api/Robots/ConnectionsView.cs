using System.Text.Json.Serialization;

using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Sockets;

namespace LiveRobot.Api.Robots;

/// <summary>Where a robot is connected, and what is odd about those that say to be it, for its owner alone.</summary>
internal sealed record ConnectionsView(
    [property: JsonPropertyName("sockets")] IReadOnlyList<string> Sockets,
    [property: JsonPropertyName("has_robot_token")] bool HasRobotToken,
    [property: JsonPropertyName("refused")] RefusedView? Refused,
    [property: JsonPropertyName("alternating")] AlternatingView? Alternating,
    [property: JsonPropertyName("addresses")] AddressesView? Addresses,
    [property: JsonPropertyName("reverse_ssh")] ReverseSshView ReverseSsh)
{
    public static async Task<ConnectionsView> ReadAsync(Robot robot, RobotPresence presence, RobotSockets sockets) => new(
        sockets.ServicesOf(robot.Handle),
        robot.HasRobotToken,
        RefusedView.Of(await presence.GetRefusedAsync(robot.Handle)),
        AlternatingView.Of(await presence.GetAlternatingAsync(robot.Handle)),
        AddressesView.Of(await presence.GetAddressesAsync(robot.Handle)),
        new ReverseSshView(
            await presence.AcceptsReverseSshAsync(robot.Handle),
            ReverseSshInfoView.Of(await presence.GetReverseSshInfoAsync(robot.Handle))));
}

/// <summary>Who gave the robot-id last and was not let in, and why.</summary>
internal sealed record RefusedView(
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("address")] string Address,
    [property: JsonPropertyName("at")] DateTimeOffset At)
{
    public static RefusedView? Of(RefusedRobot? refused) => refused is null ? null : new(refused.Code, refused.Address, refused.At);
}

/// <summary>Two addresses that take the robot from each other at one of its sockets.</summary>
internal sealed record AlternatingView(
    [property: JsonPropertyName("socket")] string Socket,
    [property: JsonPropertyName("addresses")] IReadOnlyList<string> Addresses,
    [property: JsonPropertyName("at")] DateTimeOffset At)
{
    public static AlternatingView? Of(AlternatingAddresses? seen) => seen is null ? null : new(seen.Service, [seen.Former, seen.Address], seen.At);
}

/// <summary>The addresses that the robot says it has on its own network.</summary>
internal sealed record AddressesView(
    [property: JsonPropertyName("addresses")] IReadOnlyList<string> Addresses,
    [property: JsonPropertyName("at")] DateTimeOffset At)
{
    public static AddressesView? Of(RobotAddresses? said) => said is null ? null : new(said.Addresses, said.At);
}

/// <summary>Whether the robot that is connected accepts reverse SSH, and what it said of it last.</summary>
internal sealed record ReverseSshView(
    [property: JsonPropertyName("accepted")] bool IsAccepted,
    [property: JsonPropertyName("info")] ReverseSshInfoView? Info);

/// <summary>What the robot said of its reverse SSH tunnel.</summary>
internal sealed record ReverseSshInfoView(
    [property: JsonPropertyName("text")] string Text,
    [property: JsonPropertyName("at")] DateTimeOffset At)
{
    public static ReverseSshInfoView? Of(ReverseSshInfo? said) => said is null ? null : new(said.Text, said.At);
}
