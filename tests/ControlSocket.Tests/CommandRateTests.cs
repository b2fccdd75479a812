using LiveRobot.ControlSocket.Commands;

namespace LiveRobot.ControlSocket.Tests;

public sealed class CommandRateTests
{
    [Fact]
    public void TryTake_ASecondsWorth_ThenOneForEachPartOfASecond()
    {
        var rate = new CommandRate(4);
        var now = TimeSpan.FromHours(1);
        for (var i = 0; i < 4; i++)
        {
            Assert.True(rate.TryTake(now));
        }

        Assert.False(rate.TryTake(now));
        Assert.False(rate.TryTake(now + TimeSpan.FromMilliseconds(249)));
        Assert.True(rate.TryTake(now + TimeSpan.FromMilliseconds(251)));
        Assert.False(rate.TryTake(now + TimeSpan.FromMilliseconds(252)));
    }
}
