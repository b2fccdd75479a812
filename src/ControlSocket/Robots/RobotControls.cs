using System.Collections.Concurrent;

using LiveRobot.Platform.Robots;

using Microsoft.Extensions.Options;

namespace LiveRobot.ControlSocket.Robots;

/// <summary>The robots that somebody has asked for since the start. One stays: what it missed must not be forgotten.</summary>
internal sealed class RobotControls(IControlAudience audience, IOptions<ControlOptions> options, TimeProvider clock) : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<RobotControl>> _robots = new(StringComparer.Ordinal);

    /// <summary>Gets the control of a robot, with the settings just read.</summary>
    public RobotControl Of(Robot robot)
    {
        var control = _robots.GetOrAdd(robot.Handle, _ => new(() => new RobotControl(robot, options.Value, clock, audience))).Value;
        control.Update(robot);
        return control;
    }

    /// <summary>Finds the control of a robot that somebody has asked for.</summary>
    public RobotControl? Find(string handle) => _robots.TryGetValue(handle, out var robot) ? robot.Value : null;

    public IEnumerable<RobotControl> All => _robots.Values.Select(robot => robot.Value);

    public void Dispose()
    {
        foreach (var robot in All)
        {
            robot.Dispose();
        }
    }
}
