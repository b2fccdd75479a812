namespace LiveRobot.Platform.Robots;

/// <summary>
/// Control panels in the format that LetsRobot clients exchange: an array of
/// <c>{"button_panel_label", "buttons": [{"label", "command", "key"?}]}</c>. <c>key</c> is ours: a browser key name.
/// </summary>
public static class ButtonPanels
{
    /// <summary>The panel of a robot whose owner has made none: the commands that stock LetsRobot hardware obeys.</summary>
    public const string Default =
        """
        [{"button_panel_label":"Drive","buttons":[{"label":"Forward","command":"F","key":"ArrowUp"},{"label":"Left","command":"L","key":"ArrowLeft"},{"label":"Right","command":"R","key":"ArrowRight"},{"label":"Back","command":"B","key":"ArrowDown"}]},{"button_panel_label":"Arm","buttons":[{"label":"Up","command":"U","key":"u"},{"label":"Down","command":"D","key":"j"},{"label":"Open","command":"O","key":"o"},{"label":"Close","command":"C","key":"k"}]}]
        """;
}
