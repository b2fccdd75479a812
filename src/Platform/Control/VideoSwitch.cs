using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Storage;

namespace LiveRobot.Platform.Control;

/// <summary>The owner's switch for a robot's picture. It is a word to the robot that is connected now; nothing of it is kept.</summary>
public sealed class VideoSwitch(Database database, Changes changes)
{
    /// <summary>Tells a robot to send its picture, or to stop sending it.</summary>
    public async Task SwitchAsync(string handle, bool isOn)
    {
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        await changes.AddAsync(connection, transaction, new VideoSwitched(handle, isOn));
        await transaction.CommitAsync();
        changes.Announce();
    }
}
