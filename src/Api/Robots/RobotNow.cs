using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;

namespace LiveRobot.Api.Robots;

/// <summary>A robot and what is known of it now.</summary>
internal sealed record RobotNow(Robot Robot, RobotState State, IReadOnlyList<CameraView> Cameras)
{
    /// <inheritdoc cref="ReadAsync(IReadOnlyList{Robot}, RobotPresence)"/>
    public static async Task<RobotNow> ReadAsync(Robot robot, RobotPresence presence) => (await ReadAsync([robot], presence))[0];

    /// <summary>Reads what is known now, in the order of the robots.</summary>
    /// <exception cref="PresenceAwayException">Nobody knows it now.</exception>
    public static async Task<IReadOnlyList<RobotNow>> ReadAsync(IReadOnlyList<Robot> robots, RobotPresence presence)
    {
        var cameras = robots.SelectMany(robot => robot.Cameras).ToArray();
        var states = await presence.GetAsync(robots);
        var video = await presence.GetFeedsAsync(cameras, RobotPresence.VideoMedium);
        var audio = await presence.GetFeedsAsync(cameras, RobotPresence.AudioMedium);
        var views = new Queue<CameraView>(cameras.Select((camera, at) => new CameraView(camera.CameraId, VideoFeedView.Of(video[at]), AudioFeedView.Of(audio[at]))));
        return [.. robots.Zip(states, (robot, state) => new RobotNow(robot, state, [.. robot.Cameras.Select(_ => views.Dequeue())]))];
    }
}
