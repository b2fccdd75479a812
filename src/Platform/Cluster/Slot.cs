using System.Globalization;

namespace LiveRobot.Platform.Cluster;

/// <summary>A slot of one service: who has its lease serves the robots that are in it.</summary>
/// <param name="Service">One of the names here.</param>
/// <param name="Number">The number in <see cref="ClusterOptions.Slots"/>.</param>
public readonly record struct Slot(string Service, int Number)
{
    public const string Control = "control";
    public const string Chat = "chat";
    public const string Video = "video";

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Service}:{Number}");
}
