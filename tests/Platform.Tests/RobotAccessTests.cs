using System.Net;

using LiveRobot.Platform.Robots;

namespace LiveRobot.Platform.Tests;

public sealed class RobotAccessTests : IAsyncDisposable
{
    private readonly TestPlatform _platform = new();

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Fact]
    public async Task After_five_unknown_ids_an_address_waits_for_its_answers_and_others_do_not()
    {
        var robot = await _platform.Robots.AddAsync("Rover", "alice");
        var access = _platform.Get<RobotAccess>();
        var (guesser, neighbour) = (IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2"));
        for (var number = 1; number <= 5; number++)
        {
            Assert.NotNull(await access.FindByRobotIdAsync(robot.RobotId, guesser));
            Assert.Null(await access.FindByRobotIdAsync($"{number}", guesser));
        }

        var slowed = access.FindByRobotIdAsync(robot.RobotId, guesser);
        Assert.NotNull(await access.FindByRobotIdAsync(robot.RobotId, neighbour));
        Assert.Null(await access.FindByRobotIdAsync("rover", guesser));
        Assert.False(slowed.IsCompleted);

        _platform.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.NotNull(await slowed);

        _platform.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.NotNull(await access.FindByRobotIdAsync(robot.RobotId, guesser));
    }
}
