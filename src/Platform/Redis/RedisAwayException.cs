using LiveRobot.Platform.Presence;

namespace LiveRobot.Platform.Redis;

/// <summary>Redis does not answer.</summary>
internal sealed class RedisAwayException(Exception? inner = null) : PresenceAwayException("Redis does not answer.", inner);
