namespace LiveRobot.RobotClient.Driving;

/// <summary>
/// What obeys commands. Calls come one at a time and must return at once: while they last, the robot hears nothing,
/// not even a stop.
/// </summary>
internal interface IMotors
{
    /// <summary>
    /// Obeys one command. A held key comes as <c>down</c>, then maybe <c>intermediate</c> repeats, then <c>up</c>; a
    /// command without a key position stands for one short press.
    /// </summary>
    void Obey(RobotCommand command);

    /// <summary>Ends all movement, which nobody commanded: the robot does so by itself.</summary>
    void Stop(string reason);
}
