using System.ComponentModel.DataAnnotations;

namespace LiveRobot.Platform.Storage;

/// <summary>Where durable data lies (configuration section <c>Storage</c>).</summary>
public sealed class StorageOptions
{
    /// <summary>Gets or sets the data folder, made when missing. Defaults to <c>./data</c>.</summary>
    [Required(AllowEmptyStrings = false)]
    public string Directory { get; set; } = "./data";
}
