using System.ComponentModel.DataAnnotations;

namespace LiveRobot.Platform.Robots;

/// <summary>Limits of control panels (configuration section <c>Panels</c>).</summary>
public sealed class PanelOptions
{
    /// <summary>Gets or sets how many panels a robot may have. Defaults to 20.</summary>
    [Range(1, 1_000)]
    public int MaxPanels { get; set; } = 20;

    /// <summary>Gets or sets how many buttons a panel may have. Defaults to 50.</summary>
    [Range(1, 1_000)]
    public int MaxButtons { get; set; } = 50;

    /// <summary>Gets or sets the longest label in UTF-16 code units. Defaults to 50.</summary>
    [Range(1, 1_000)]
    public int MaxLabelLength { get; set; } = 50;

    /// <summary>Gets or sets the longest command in UTF-16 code units. Defaults to 100, as for the control socket.</summary>
    [Range(1, 10_000)]
    public int MaxCommandLength { get; set; } = 100;

    /// <summary>Gets or sets how many names the access list of a button may have. Defaults to 100.</summary>
    [Range(0, 10_000)]
    public int MaxAccess { get; set; } = 100;
}
