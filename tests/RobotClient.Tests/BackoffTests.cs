namespace LiveRobot.RobotClient.Tests;

public sealed class BackoffTests
{
    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(5), TimeProvider.System);

    [Fact]
    public void Next_AfterMoreFailures_GrowsToTheLongestAndStaysThere()
    {
        double[] most = [0.5, 1, 2, 4, 5, 5, 5];

        foreach (var longest in most)
        {
            Assert.InRange(_backoff.Next().TotalSeconds, Math.Max(0.5, longest / 2), longest);
        }
    }

    [Fact]
    public void Next_OfManyRobots_IsSpread()
    {
        var delays = Enumerable.Range(0, 100).Select(_ =>
        {
            var backoff = new Backoff(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(5), TimeProvider.System);
            backoff.Next();
            backoff.Next();
            return backoff.Next();
        });

        Assert.True(delays.Distinct().Count() > 90);
    }

    [Fact]
    public void Reset_AfterFailures_BeginsAtTheFirstAgain()
    {
        for (var i = 0; i < 10; i++)
        {
            _backoff.Next();
        }

        _backoff.Reset();

        Assert.Equal(TimeSpan.FromSeconds(0.5), _backoff.Next());
    }
}
