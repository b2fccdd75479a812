using FsCheck;
using FsCheck.Fluent;

using LiveRobot.ControlSocket.Commands;
using LiveRobot.ControlSocket.Robots;
using LiveRobot.Platform.Control;
using LiveRobot.Testing;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>
/// What must hold whatever a crowd, an owner and the network do: random stories of six people, two of them with an
/// account, one of those the owner, who come, go, stand in line, press and let go while the owner changes the rules.
/// </summary>
public sealed class TurnProperties
{
    private static readonly Config Settings = RandomInput.Cases(400).WithEndSize(200);

    [Fact]
    public void Only_whom_the_state_that_all_see_lets_drive_is_obeyed() => ForAnyStory(story =>
    {
        story.Accepted = (viewer, command) => Assert.True(story.MayDrive(viewer), $"{viewer} pressed {command} and may not drive");
        story.Tell();
    });

    [Fact]
    public void The_robot_moves_only_by_whom_the_state_that_all_see_lets_drive() => ForAnyStory(story =>
    {
        story.AfterEachStep = () => Assert.All(
            story.IsDrivenByVote ? [] : story.Moving,
            command => Assert.True(story.PressersOf(command).Any(story.MayDrive), $"{command} moves the robot, and nobody who presses it may drive"));
        story.Tell();
    });

    [Fact]
    public void By_vote_the_robot_does_one_thing_at_a_time() => ForAnyStory(story =>
    {
        story.AfterEachStep = () => Assert.False(story.IsDrivenByVote && story.Moving.Count > 1, "two commands have won");
        story.Tell();
    });

    [Fact]
    public void Nobody_who_stays_in_line_is_passed_by_somebody_behind() => ForAnyStory(story =>
    {
        IReadOnlyList<int> before = [];
        story.AfterEachStep = () =>
        {
            var now = story.Turns.Line.Select(place => place.Number).ToArray();
            if (!story.Turns.Rules.RegisteredFirst)
            {
                var stayed = before.Intersect(now).ToArray();
                Assert.Equal(stayed, now.Intersect(before));
            }

            before = now;
        };
        story.Tell();
    });

    [Fact]
    public void Nobody_who_is_here_loses_a_place_by_what_others_do() => ForAnyStory(story =>
    {
        IReadOnlyList<int> before = [];
        story.AfterEachStep = () =>
        {
            var turns = story.Turns;
            var places = turns.Driver is { } driver ? turns.Line.Prepend(driver) : turns.Line;
            if (!story.MayAllLosePlaces)
            {
                Assert.DoesNotContain(before.Except(places.Select(place => place.Number)), number => number != story.Actor);
            }

            before = [.. places.Where(place => place.IsPresent).Select(place => place.Number)];
        };
        story.Tell();
    });

    [Fact]
    public void A_free_turn_goes_to_who_waits() => ForAnyStory(story =>
    {
        story.AfterEachStep = () => Assert.False(
            story.IsOpen && story.Turns.Driver is null && story.Turns.Line.Any(place => place.IsPresent), "somebody waits for nobody");
        story.Tell();
    });

    [Fact]
    public void Nothing_moves_once_everybody_has_gone() => ForAnyStory(story =>
    {
        story.Tell();
        story.EndAll();
        Assert.Empty(story.Moving);
        Assert.False(story.Audience.MayBeMoving);
    });

    [Fact]
    public void Nothing_moves_while_control_is_closed() => ForAnyStory(story =>
    {
        story.AfterEachStep = () => Assert.True(story.Turns.Rules.Closed is null || story.Moving.Count == 0, "a closed robot moves");
        story.Tell();
    });

    private static void ForAnyStory(Action<Story> check) => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), steps =>
    {
        using var story = new Story(steps);
        check(story);
    }).Check(Settings);

    /// <summary>A story: each byte is a step.</summary>
    private sealed class Story : IDisposable, IRobotLink
    {
        private static readonly Person[] People =
        [
            new("olga", IsAnonymous: false), new("ann", IsAnonymous: false), Person.Anonymous, Person.Anonymous, Person.Anonymous, Person.Anonymous,
        ];

        private static readonly string[] Commands = ["F", "L"];
        private static readonly double[] Waits = [0.05, 0.4, 3, 12, 70];

        private readonly byte[] _steps;
        private readonly ManualClock _clock = new();
        private readonly RobotControl _control;
        private readonly bool[] _here = new bool[People.Length];

        /// <summary>Keys that are down by what viewers do and are told, without the service's idea of a hold.</summary>
        private readonly HashSet<(int Person, string Command)> _pressed = [];

        /// <summary>Until when those who have flooded the robot may do nothing.</summary>
        private readonly DateTimeOffset[] _pausedUntil = new DateTimeOffset[People.Length];

        private int _refusalsSeen;
        private long _version;

        public Story(byte[] steps)
        {
            _steps = steps;
            _control = new RobotControl(Samples.Robot, new ControlOptions(), _clock, Audience);
            _control.Connect(this, new RobotCapabilities(KeyPosition: true, Acknowledge: true));
        }

        public RecordedAudience Audience { get; } = new();

        public Action AfterEachStep { get; set; } = () => { };

        public Turns.TurnState Turns => Ask(NameOf(0)).Turns;

        /// <summary>Gets what the robot was told to do and not released from.</summary>
        public HashSet<string> Moving { get; } = [];

        public IEnumerable<string> Present => Enumerable.Range(0, People.Length).Where(person => _here[person]).Select(NameOf);

        public bool IsOpen => Turns is { Rules: { Mode: ControlMode.Queue, Closed: null }, Exclusive: null, IsVideoStalled: false };

        public bool IsDrivenByVote => Turns is { Rules: { Mode: ControlMode.Vote, Closed: null }, Exclusive: null, IsVideoStalled: false };

        /// <summary>Gets or sets what is done when a press was accepted.</summary>
        public Action<int, string> Accepted { get; set; } = (_, _) => { };

        /// <summary>Gets the number of who did the last step, before it.</summary>
        public int? Actor { get; private set; }

        /// <summary>Gets whether the last step was time that passed, which ends turns, or another mode, which ends the line.</summary>
        public bool MayAllLosePlaces { get; private set; }

        public bool NeedsStartGuard => false;

        /// <summary>Gives who presses a command, by what they have done and were told.</summary>
        public IEnumerable<int> PressersOf(string command)
        {
            HearRefusals();
            return _pressed.Where(press => press.Command == command).Select(press => press.Person);
        }

        /// <summary>Tells whether somebody may drive, by what is told to all of the control's state.</summary>
        public bool MayDrive(int person)
        {
            var (turns, number) = (Ask(NameOf(person)).Turns, Ask(NameOf(person)).Number);
            return turns.Rules.Closed is null
                && !turns.IsVideoStalled
                && _pausedUntil[person] <= _clock.GetUtcNow()
                && (turns.Exclusive, turns.Rules.Mode) switch
                {
                    ({ } exclusive, _) => People[person].User == exclusive,
                    (_, ControlMode.Owner) => person == 0,
                    (_, ControlMode.Queue) => turns.Driver is { } driver && driver.Number == number,
                    _ => true,
                };
        }

        public void Send(RobotCommand command, bool acknowledge)
        {
            if (command.IsStop)
            {
                Moving.Clear();
            }
            else if (command.Position == KeyPosition.Up)
            {
                Moving.Remove(command.Command);
            }
            else if (command.Position != KeyPosition.Pulse)
            {
                Moving.Add(command.Command);
            }
        }

        public Task<bool> ProbeAsync() => Task.FromResult(true);

        public void Tell()
        {
            foreach (var step in _steps)
            {
                Step(step);
                AfterEachStep();
            }
        }

        public void EndAll()
        {
            for (var person = 0; person < People.Length; person++)
            {
                Go(person);
            }

            _clock.Advance(TimeSpan.FromSeconds(30));
        }

        public void Dispose() => _control.Dispose();

        /// <summary>What a viewer is told of the state, and of its own number.</summary>
        private Turns.Greeting Ask(string viewer)
        {
            _control.Greet(viewer);
            return Audience.Greeting!;
        }

        private static string NameOf(int person) => $"socket{person}";

        private void Step(byte step)
        {
            var person = step % People.Length;
            var command = Commands[step / 6 % 2];
            (Actor, MayAllLosePlaces) = (Ask(NameOf(person)).Number, step / 12 is >= 14 and <= 17);
            switch (step / 12)
            {
                case < 3:
                    Come(person);
                    break;
                case 3:
                    Go(person);
                    break;
                case < 7:
                    _control.JoinLine(NameOf(person));
                    break;
                case 7:
                    _control.LeaveLine(NameOf(person));
                    break;
                case < 11:
                    Press(person, command, KeyPosition.Down);
                    break;
                case 11:
                    Press(person, command, KeyPosition.Intermediate);
                    break;
                case < 14:
                    Press(person, command, KeyPosition.Up);
                    break;
                case < 17:
                    _clock.Advance(TimeSpan.FromSeconds(Waits[step % Waits.Length]));
                    break;
                case 17:
                    Rule(rules => rules with { Mode = (ControlMode)(step % 4) });
                    break;
                case 18:
                    Rule(rules => rules with { Exclusive = step % 3 == 0 ? null : new ExclusiveControl(People[step % 2].User, null), RegisteredFirst = step % 2 == 0 });
                    break;
                case 19 when step % 2 == 0:
                    _control.EmergencyStop("olga");
                    break;
                case 19:
                    _control.VideoStalled(step % 4 == 1);
                    break;
                case 20:
                    Rule(rules => rules with { Closed = null });
                    break;
                default:
                    Flood(person);
                    break;
            }
        }

        private void Come(int person)
        {
            if (!_here[person])
            {
                _here[person] = true;
                _control.Join(NameOf(person), $"ticket{person}", People[person], owns: person == 0);
            }
        }

        private void Go(int person)
        {
            _here[person] = false;
            _pressed.RemoveWhere(press => press.Person == person);
            _control.Leave(NameOf(person));
        }

        private void Flood(int person)
        {
            if (_here[person])
            {
                _control.Flooded(NameOf(person));
                _pausedUntil[person] = _clock.GetUtcNow() + new ControlOptions().FloodPause;
            }
        }

        private void Press(int person, string command, KeyPosition position)
        {
            if (!_here[person])
            {
                return;
            }

            if (position == KeyPosition.Up)
            {
                _pressed.Remove((person, command));
            }

            var isAccepted = _control.Command(NameOf(person), People[person], command, position, owns: person == 0) is null;
            HearRefusals();
            if (isAccepted && position != KeyPosition.Up)
            {
                _pressed.Add((person, command));
                Accepted(person, command);
            }
        }

        /// <summary>Who is told that a hold was ended presses no longer.</summary>
        private void HearRefusals()
        {
            foreach (var (viewer, command, _) in Audience.Refused.Skip(_refusalsSeen))
            {
                _pressed.RemoveWhere(press => NameOf(press.Person) == viewer && press.Command == command);
            }

            _refusalsSeen = Audience.Refused.Count;
        }

        private void Rule(Func<ControlRules, ControlRules> change) => _control.Update(change(_control.Rules) with { Version = ++_version });
    }
}
