using FsCheck;
using FsCheck.Fluent;

using LiveRobot.ControlSocket.Commands;
using LiveRobot.ControlSocket.Robots;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>
/// What must hold whatever viewers, robot and network do: a thousand random stories of three viewers, two commands,
/// a robot that is suspended, lost and back, and time.
/// </summary>
public sealed class RobotControlProperties
{
    private static readonly Config Settings = RandomInput.Cases(1_000).WithEndSize(150);

    public static TheoryData<bool, bool, ReleaseRule> Robots => new()
    {
        { false, false, ReleaseRule.Up },
        { false, false, ReleaseRule.Stop },
        { true, false, ReleaseRule.Up },
        { true, true, ReleaseRule.Up },
        { true, true, ReleaseRule.Stop },
    };

    [Theory]
    [MemberData(nameof(Robots))]
    public void Nothing_moves_once_everybody_has_gone(bool keyPosition, bool acknowledge, ReleaseRule rule) =>
        ForAnyStory(keyPosition, acknowledge, rule, story =>
        {
            story.Tell();
            story.EndAll();

            Assert.All(story.Commands, command => Assert.False(story.MovesOn(command), $"{command} was never released"));
        });

    [Theory]
    [MemberData(nameof(Robots))]
    public void A_movement_is_written_only_while_somebody_presses_its_key(bool keyPosition, bool acknowledge, ReleaseRule rule) =>
        ForAnyStory(keyPosition, acknowledge, rule, story =>
        {
            story.BeforeMovement = movement => Assert.True(story.IsPressed(movement.Command), $"nobody presses {movement.Command}");
            story.Tell();
            story.EndAll();
        });

    [Theory]
    [MemberData(nameof(Robots))]
    public void After_a_release_only_a_fresh_press_moves(bool keyPosition, bool acknowledge, ReleaseRule rule) =>
        ForAnyStory(keyPosition, acknowledge, rule, story =>
        {
            story.BeforeMovement = movement => Assert.True(story.IsFresh(movement.Command), $"{movement.Command} moves again after its release");
            story.Tell();
            story.EndAll();
        });

    private static void ForAnyStory(bool keyPosition, bool acknowledge, ReleaseRule rule, Action<Story> check) =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), steps =>
        {
            using var story = new Story(steps, new RobotCapabilities(keyPosition, acknowledge), rule);
            check(story);
        }).Check(Settings);

    /// <summary>A story: each byte is a step.</summary>
    private sealed class Story : IDisposable
    {
        private static readonly string[] Viewers = ["ann", "bob", "cat"];
        private static readonly int[] Waits = [20, 150, 400, 1_100];

        private readonly byte[] _steps;
        private readonly RobotCapabilities _capabilities;
        private readonly ManualClock _clock = new();
        private readonly RobotControl _control;

        /// <summary>Keys that are down by what viewers do, told without the service's idea of a hold.</summary>
        private readonly HashSet<(string Viewer, string Command)> _pressed = [];

        /// <summary>Commands that the robot was sent, but for single pulses, and not released from.</summary>
        private readonly HashSet<string> _moving = [];

        /// <summary>Commands that were released with no fresh press since.</summary>
        private readonly HashSet<string> _released = [];

        private StoryRobot? _robot;

        public Story(byte[] steps, RobotCapabilities capabilities, ReleaseRule rule)
        {
            _steps = steps;
            _capabilities = capabilities;
            _control = new RobotControl(Samples.Robot with { Release = rule }, new ControlOptions(), _clock, new RecordedAudience());
            Return();
        }

        public IEnumerable<string> Commands { get; } = ["F", "L"];

        public Action<RobotCommand> BeforeMovement { get; set; } = _ => { };

        public bool MovesOn(string command) => _moving.Contains(command);

        public bool IsPressed(string command) => _pressed.Any(press => press.Command == command);

        public bool IsFresh(string command) => !_released.Contains(command);

        public void Tell()
        {
            foreach (var step in _steps)
            {
                // What falls due now comes before what happens next.
                Wait(0);
                var viewer = Viewers[step % 3];
                var command = Commands.ElementAt(step / 3 % 2);
                switch (step / 6 % 16)
                {
                    case < 3:
                        Press(viewer, command, KeyPosition.Down);
                        break;
                    case < 6:
                        Press(viewer, command, KeyPosition.Intermediate);
                        break;
                    case 6:
                        Press(viewer, command, KeyPosition.Pulse);
                        break;
                    case < 9:
                        LetGo(viewer, command);
                        break;
                    case 9:
                        Leave(viewer);
                        break;
                    case < 13:
                        Wait(Waits[step % 4]);
                        break;
                    case 13:
                        _robot?.Link.Suspend();
                        break;
                    case 14:
                        _robot?.Link.Resume();
                        break;
                    default:
                        LoseOrReturn();
                        break;
                }
            }
        }

        /// <summary>Everybody leaves, the robot comes to itself, and time passes.</summary>
        public void EndAll()
        {
            foreach (var viewer in Viewers)
            {
                Leave(viewer);
            }

            if (_robot is null)
            {
                Return();
            }

            _robot?.Link.Resume();
            Wait(10_000);
        }

        public void Dispose() => _control.Dispose();

        private void Press(string viewer, string command, KeyPosition position)
        {
            var wasPressed = !_pressed.Add((viewer, command));
            var wasReleased = _released.Contains(command);
            if (position != KeyPosition.Intermediate)
            {
                _released.Remove(command);
            }

            if (_control.Command(viewer, Person.Anonymous, command, position) is null)
            {
                return;
            }

            if (wasReleased)
            {
                _released.Add(command);
            }

            if (!wasPressed)
            {
                _pressed.Remove((viewer, command));
            }
        }

        private void LetGo(string viewer, string command)
        {
            _pressed.Remove((viewer, command));
            _control.Command(viewer, Person.Anonymous, command, KeyPosition.Up);
        }

        private void Leave(string viewer)
        {
            _pressed.RemoveWhere(press => press.Viewer == viewer);
            _control.Leave(viewer);
        }

        private void Wait(int milliseconds) => _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));

        private void LoseOrReturn()
        {
            if (_robot is { } robot)
            {
                _robot = null;
                robot.Link.End();
                _control.Disconnect(robot);
            }
            else
            {
                Return();
            }
        }

        private void Return()
        {
            _robot = new StoryRobot(this, new RecordedRobot(_clock));
            _control.Connect(_robot, _capabilities);
        }

        private void Sent(RobotCommand command)
        {
            if (command.IsStop)
            {
                _moving.Clear();
                // A robot that knows no key positions is stopped altogether while another key is held: only what
                // nobody presses is released by it.
                _released.UnionWith(Commands.Where(released => !IsPressed(released)));
            }
            else if (command.Position == KeyPosition.Up)
            {
                _moving.Remove(command.Command);
                _released.Add(command.Command);
            }
            else
            {
                BeforeMovement(command);
                if (command.Position != KeyPosition.Pulse)
                {
                    _moving.Add(command.Command);
                }
            }
        }

        /// <summary>A connection of the story's robot.</summary>
        private sealed class StoryRobot(Story story, RecordedRobot link) : IRobotLink
        {
            public RecordedRobot Link => link;

            public bool NeedsStartGuard => false;

            public void Send(RobotCommand command, bool acknowledge) => story.Sent(command);

            public Task<bool> ProbeAsync() => link.ProbeAsync();
        }
    }
}
