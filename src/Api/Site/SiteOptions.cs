namespace LiveRobot.Api.Site;

/// <summary>The site's files (configuration section <c>Site</c>).</summary>
public sealed class SiteOptions
{
    /// <summary>Gets or sets the folder of the built site (<c>web/dist</c>); without one, only the API is served.</summary>
    public string? Directory { get; set; }
}
