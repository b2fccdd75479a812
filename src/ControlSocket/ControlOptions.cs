using System.ComponentModel.DataAnnotations;

namespace LiveRobot.ControlSocket;

/// <summary>Times and limits of control (configuration section <c>Control</c>).</summary>
public sealed class ControlOptions : IValidatableObject
{
    /// <summary>
    /// Gets or sets how long a hold of a client that repeats lasts without a repeat. Defaults to 1 second: existing
    /// clients repeat every 0.2 to 0.3 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan HoldTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Gets or sets how long after a release it is sent again to a robot that cannot acknowledge it. Defaults to
    /// 300 ms: the LetsRobot Python client is deaf while it makes a movement, usually for 200 ms.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan FirstReleaseRepeat { get; set; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Gets or sets how long after a release it is sent for the last time. Not before <see cref="FirstReleaseRepeat"/>. Defaults to 1 second.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan SecondReleaseRepeat { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Gets or sets how long a robot on Engine.IO 3 is sent nothing after it has first identified on a connection.
    /// Defaults to 2 seconds: a command that reaches the LetsRobot Python client before its hardware module is loaded
    /// leaves it deaf for good. Zero turns it off.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan StartGuard { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Gets or sets the age from which a movement is no longer sent: on its way from the viewer, and again while it
    /// waits for the robot. Defaults to 750 ms.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan MaxCommandAge { get; set; } = TimeSpan.FromMilliseconds(750);

    /// <summary>
    /// Gets or sets how long a held key may be repeated to a robot that does not read before the robot is released and
    /// the viewer told. Defaults to 10 seconds: some robots read nothing while they obey a long command.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan NotReadingAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets or sets how long a robot's proof that it reads counts. A fresh press is written at once to a robot with a
    /// proof no older than this; everything else that moves a robot waits for a new one. Defaults to 250 ms.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10")]
    public TimeSpan ProofAge { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Gets or sets how long after a press, or after a viewer has chosen the robot, its proof is kept fresh. Defaults
    /// to 10 seconds. Zero: the first press after a pause takes one round trip to the robot longer.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan ProveFor { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how long a robot that can acknowledge has to do so before it is counted as late. Defaults to 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan AcknowledgeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how much a robot may leave unread, in bytes, before its connection is closed. Defaults to 65,536.</summary>
    [Range(1_024, 16_777_216)]
    public int MaxUnreadBytes { get; set; } = 65_536;

    /// <summary>Gets or sets the longest command in UTF-16 code units. Defaults to 100.</summary>
    [Range(1, 10_000)]
    public int MaxCommandLength { get; set; } = 100;

    /// <summary>Gets or sets how many movements a viewer may send in a second, releases not counted. Defaults to 40: four held keys repeated every 100 ms.</summary>
    [Range(1, 10_000)]
    public int CommandsPerSecond { get; set; } = 40;

    /// <summary>
    /// Gets or sets how many keys all viewers of a robot together may press in a second. Repeats are not counted: of
    /// these a robot is sent no more than it proves to read. Defaults to 100.
    /// </summary>
    [Range(1, 100_000)]
    public int RobotCommandsPerSecond { get; set; } = 100;

    /// <summary>Gets or sets how many commands a viewer may hold at once. Defaults to 8.</summary>
    [Range(1, 1_000)]
    public int HoldsPerViewer { get; set; } = 8;

    /// <summary>Gets or sets how many viewers may have chosen one robot. Defaults to 1,000.</summary>
    [Range(1, 1_000_000)]
    public int ViewersPerRobot { get; set; } = 1_000;

    /// <summary>Gets or sets how many may stand in line for one robot. Defaults to 200.</summary>
    [Range(1, 100_000)]
    public int LineLength { get; set; } = 200;

    /// <summary>
    /// Gets or sets how long a turn, or a place in line, is kept for somebody whose connection is lost, how long a driver
    /// who presses nothing keeps the turn from those who wait, and how long a turn that was over still lasts when somebody
    /// comes who wants one. Defaults to 10 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan TurnGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets after how long exclusive control ends of somebody who is not there. Defaults to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan ExclusiveAbsence { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets how long those who have not signed in wait after somebody who has has driven, where the owner wants it so. Defaults to 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan RegisteredPriority { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets how many commands beyond <see cref="CommandsPerSecond"/> a viewer may send, without a second's rest,
    /// before it loses its turn. Defaults to 100.
    /// </summary>
    [Range(1, 1_000_000)]
    public int FloodCommands { get; set; } = 100;

    /// <summary>Gets or sets how long a viewer that has flooded a robot may do nothing to it. Defaults to 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan FloodPause { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets or sets how long somebody may still drive a robot that is bound to its picture after that was last seen to move, while
    /// Redis is away and nobody can tell. Defaults to 1 minute: longer than a restart of Redis, or its move to another machine,
    /// takes. Zero: the robot is stopped at once.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan VideoUnknownTime { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets how many lines of the command log may wait for the store; what comes beyond is dropped and counted. Defaults to 10,000.</summary>
    [Range(1, 1_000_000)]
    public int LogQueue { get; set; } = 10_000;

    /// <summary>Gets or sets how often what a vote decided is repeated to the robot. Defaults to 250 ms: existing robots move for about 200 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:00:01")]
    public TimeSpan VoteRepeat { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Gets or sets how often the round trip of each robot's and viewer's socket is measured. Defaults to 2 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan LatencyInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Refuses settings that do not fit each other.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (SecondReleaseRepeat < FirstReleaseRepeat)
        {
            yield return new ValidationResult(
                $"The field {nameof(SecondReleaseRepeat)} must not be less than {nameof(FirstReleaseRepeat)}.", [nameof(SecondReleaseRepeat)]);
        }
    }
}
