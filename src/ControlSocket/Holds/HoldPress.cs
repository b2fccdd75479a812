namespace LiveRobot.ControlSocket.Holds;

/// <summary>What a press was.</summary>
internal enum HoldPress
{
    /// <summary>A fresh press: a hold began.</summary>
    Began,

    /// <summary>The repeat of a press whose hold goes on.</summary>
    Repeated,

    /// <summary>The repeat of a press whose robot has been released since. It must not move.</summary>
    Void,

    /// <summary>An <c>intermediate</c> of a key that is not held. It must not move the robot.</summary>
    NotHeld,

    /// <summary>The viewer holds as many commands as it may.</summary>
    TooMany,
}
