using LiveRobot.ControlSocket.Viewers;

namespace LiveRobot.ControlSocket.Tests;

public sealed class FloodGaugeTests
{
    [Fact]
    public void Refused_AsOftenAsTheLimitWithoutARest_IsAFlood()
    {
        var gauge = new FloodGauge(3);

        Assert.False(gauge.Refused(TimeSpan.Zero));
        Assert.False(gauge.Refused(TimeSpan.FromSeconds(0.9)));
        Assert.True(gauge.Refused(TimeSpan.FromSeconds(1.8)));
        Assert.False(gauge.Refused(TimeSpan.FromSeconds(1.9)));
    }

    [Fact]
    public void Refused_AfterARestOfASecond_CountsAnew()
    {
        var gauge = new FloodGauge(2);

        Assert.False(gauge.Refused(TimeSpan.Zero));
        Assert.False(gauge.Refused(TimeSpan.FromSeconds(1)));
        Assert.True(gauge.Refused(TimeSpan.FromSeconds(1.9)));
    }
}
