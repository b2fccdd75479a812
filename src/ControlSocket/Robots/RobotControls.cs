using System.Collections.Concurrent;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Control;
using LiveRobot.Platform.Robots;

using Microsoft.Extensions.Options;

namespace LiveRobot.ControlSocket.Robots;

/// <summary>The robots that somebody has asked for since the start. One stays: what it missed must not be forgotten.</summary>
internal sealed class RobotControls(
    IControlAudience audience, ControlRulesStore rules, MovingRobots moving, IBus bus, IOptions<ControlOptions> options, TimeProvider clock) : IHostedService, IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<RobotControl>> _robots = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _ready = new(StringComparer.Ordinal);
    private IDisposable? _taken;

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

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _taken = bus.Subscribe<SlotTaken>(taken =>
        {
            if (taken.Service == Slot.Control)
            {
                Forget(taken.Number);
            }
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _taken?.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>Another node has had the robots of a slot meanwhile, and may have been killed while they moved.</summary>
    private void Forget(int slot)
    {
        foreach (var control in All.Where(control => control.Robot.Slot == slot))
        {
            moving.Forget(control.Robot.Handle);
            _ready.TryRemove(control.Robot.Handle, out _);
        }
    }

    public void Dispose()
    {
        foreach (var robot in All)
        {
            robot.Dispose();
        }
    }
}
