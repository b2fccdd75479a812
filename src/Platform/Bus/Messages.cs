using LiveRobot.Platform.Robots;

namespace LiveRobot.Platform.Bus;

/// <summary>Something that <see cref="Presence.RobotState"/> is made of has changed.</summary>
public sealed record RobotStateChanged(string Handle);

/// <summary>The stored settings of a robot have changed; the robot is to fetch them again.</summary>
public sealed record RobotSettingsChanged(string Handle);

/// <summary>A camera has a new stream key, or its owner was banned: who sends with the key that it had is to be cut off.</summary>
public sealed record StreamKeyReplaced(int CameraId);

/// <summary>What opened a robot until now opens it no more: its robot-id, its robot token or its viewing tokens.</summary>
public sealed record RobotAccessChanged(string Handle);

/// <summary>An account has been deleted or banned, or some of its sign-ins have ended: who speaks in its name is to be asked again.</summary>
public sealed record AccountChanged(string Name);

/// <summary>Who comes from an address without having signed in has been banned from something: they are to be asked about again.</summary>
/// <param name="Range">The address, as <see cref="Bans.BanTarget.RangeOf"/> writes it.</param>
public sealed record AddressBanned(string Range);

/// <summary>The stored rules of a robot's control have changed.</summary>
public sealed record ControlRulesChanged(string Handle);

/// <summary>A robot is to be stopped now and its control closed. What is stored about it follows.</summary>
public sealed record EmergencyStop(string Handle, string By);

/// <summary>
/// A robot says something itself, which nothing speaks against (<see cref="Chat.RobotSpeech"/>). The process that serves its chat
/// answers with <see cref="RobotHeard"/>.
/// </summary>
public sealed record RobotSpoke(string Id, string Handle, string Text);

/// <summary>What became of what a robot said.</summary>
/// <param name="Id">That of <see cref="RobotSpoke"/>.</param>
/// <param name="MessageId">The line, which is stored and told; null when it could not be.</param>
public sealed record RobotHeard(string Id, string? MessageId);

/// <summary>A viewer has taken a picture of a robot.</summary>
public sealed record SnapshotTaken(ViewerSnapshot Snapshot);

/// <summary>Somebody follows a robot, or no longer.</summary>
public sealed record SubscriptionChanged(string Handle, string Username, bool IsSubscribed);

/// <summary>A robot that accepts it is to open a reverse SSH tunnel for its owner, or to close it.</summary>
public sealed record ReverseSshSwitched(string Handle, bool IsOn);

/// <summary>The stored rules of a robot's chat have changed.</summary>
public sealed record ChatRulesChanged(string Handle);

/// <summary>A line of chat was taken back: nobody is to see, hear or speak it any more.</summary>
/// <param name="Handle">The robot that it was said to.</param>
/// <param name="MessageId">The line.</param>
public sealed record LineRemoved(string Handle, string MessageId);

/// <summary>A robot is to send its picture, or to stop sending it.</summary>
public sealed record VideoSwitched(string Handle, bool IsOn);
