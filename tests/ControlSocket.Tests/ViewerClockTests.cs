using LiveRobot.ControlSocket.Viewers;

namespace LiveRobot.ControlSocket.Tests;

public sealed class ViewerClockTests
{
    private readonly ViewerClock _clock = new();

    [Fact]
    public void Age_OfTheFirst_IsNothing()
    {
        Assert.Equal(TimeSpan.Zero, _clock.Age(123_456, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Age_OfALaterOne_IsWhatItTookMoreThanTheQuickest()
    {
        _clock.Age(0, TimeSpan.FromMilliseconds(1_000));
        _clock.Age(100, TimeSpan.FromMilliseconds(1_050));

        Assert.InRange(_clock.Age(200, TimeSpan.FromMilliseconds(1_950)).TotalMilliseconds, 799, 800);
    }

    [Fact]
    public void Age_OfAClockThatRunsSlow_StaysSmallForHours()
    {
        // 100 parts per million: 360 ms in an hour.
        for (var second = 0; second < 10 * 3_600; second++)
        {
            var age = _clock.Age(second * 1_000 * (1 - 100e-6), TimeSpan.FromSeconds(second));
            Assert.InRange(age.TotalMilliseconds, 0, 1);
        }
    }

    [Theory]
    [InlineData(double.MinValue)]
    [InlineData(double.MaxValue)]
    public void Age_OfNonsense_IsSomeAge(double sentAt)
    {
        _clock.Age(0, TimeSpan.Zero);

        Assert.True(_clock.Age(sentAt, TimeSpan.FromSeconds(1)) >= TimeSpan.Zero);
        Assert.True(_clock.Age(0, TimeSpan.FromSeconds(1)) >= TimeSpan.Zero);
    }
}
