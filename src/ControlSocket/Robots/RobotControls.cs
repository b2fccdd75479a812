using System.Collections.Concurrent;

using LiveRobot.Platform.Control;
using LiveRobot.Platform.Robots;

using Microsoft.Extensions.Options;

namespace LiveRobot.ControlSocket.Robots;

/// <summary>The robots that somebody has asked for since the start. One stays: what it missed must not be forgotten.</summary>
internal sealed class RobotControls(
    IControlAudience audience, ControlRulesStore rules, MovingRobots moving, IOptions<ControlOptions> options, TimeProvider clock) : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<RobotControl>> _robots = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _ready = new(StringComparer.Ordinal);

    /// <summary>Gets the control of a robot, with the settings just read. Its rules are known before anybody has it.</summary>
    public async ValueTask<RobotControl> OfAsync(Robot robot)
    {
        var control = _robots.GetOrAdd(robot.Handle, _ => new(() => new RobotControl(robot, options.Value, clock, audience))).Value;
        control.Update(robot);
        if (!_ready.ContainsKey(robot.Handle))
        {
            // From here on changes are heard; those before are read now.
            control.Update(await rules.FindAsync(robot.Handle));
            if (await moving.MayBeMovingAsync(robot.Handle))
            {
                control.Distrust();
            }

            _ready.TryAdd(robot.Handle, true);
        }

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
