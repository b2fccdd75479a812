using System.Text.Json;

namespace LiveRobot.Platform.Robots;

/// <summary>A row of the table of robots.</summary>
internal sealed class RobotRow
{
    public long Id { get; init; }

    public required byte[] SealedRobotId { get; init; }

    public required string Handle { get; init; }

    public required string Name { get; init; }

    public required string Owner { get; init; }

    public required string Description { get; init; }

    public long Xres { get; init; }

    public long Yres { get; init; }

    public long MicEnabled { get; init; }

    public required string ReleaseRule { get; init; }

    public long NonGlobalChat { get; init; }

    public string? ButtonPanels { get; init; }

    public required string Visibility { get; init; }

    public long Slot { get; init; }

    public required string DriveRule { get; init; }

    public required string Drivers { get; init; }

    public long AnonymousControl { get; init; }

    public long DevMode { get; init; }

    public long ProfanityFilter { get; init; }

    public long NoExclusiveControlButton { get; init; }

    public long MuteTextToSpeech { get; init; }

    public long CustomPanels { get; init; }

    public required string BareIds { get; init; }

    public required string BareIdNetworks { get; init; }

    public byte[]? RobotTokenDigest { get; init; }

    public long? Charging { get; init; }

    public long? ChargingSince { get; init; }

    public Robot ToRobot(string robotId, IEnumerable<long> cameras) => new(
        robotId,
        Handle,
        Name,
        Owner,
        Description,
        (int)Xres,
        (int)Yres,
        MicEnabled != 0,
        Enum.Parse<ReleaseRule>(ReleaseRule, ignoreCase: true),
        NonGlobalChat != 0,
        ButtonPanels,
        Enum.Parse<Visibility>(Visibility, ignoreCase: true),
        [.. cameras.Select(camera => new Camera((int)camera, Handle, (int)Slot))])
    {
        Slot = (int)Slot,
        Drive = DriveRuleWords.Parse(DriveRule) ?? Robots.DriveRule.Owner,
        Drivers = JsonSerializer.Deserialize<string[]>(Drivers)!,
        AnonymousControl = AnonymousControl != 0,
        DevMode = DevMode != 0,
        ProfanityFilter = ProfanityFilter != 0,
        NoExclusiveControlButton = NoExclusiveControlButton != 0,
        MuteTextToSpeech = MuteTextToSpeech != 0,
        CustomPanels = CustomPanels != 0,
        BareIds = BareIdRuleWords.Parse(BareIds) ?? BareIdRule.Off,
        BareIdNetworks = JsonSerializer.Deserialize<string[]>(BareIdNetworks)!,
        HasRobotToken = RobotTokenDigest is not null,
        Charge = (Charging, ChargingSince) is ({ } charging, { } since) ? new ChargeState(charging != 0, DateTimeOffset.FromUnixTimeMilliseconds(since)) : null,
    };
}
