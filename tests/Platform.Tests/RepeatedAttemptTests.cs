using LiveRobot.Platform.Hosting;

namespace LiveRobot.Platform.Tests;

public sealed class RepeatedAttemptTests
{
    [Fact]
    public async Task Of_failures_in_a_row_the_first_is_told_and_that_it_works_again()
    {
        List<string> told = [];
        var attempt = new RepeatedAttempt(exception => told.Add(exception.Message), () => told.Add("works again"));

        Assert.True(await attempt.RunAsync(() => Task.CompletedTask));
        Assert.Empty(told);
        Assert.False(await attempt.RunAsync(() => Task.FromException(new IOException("first"))));
        Assert.False(await attempt.RunAsync(() => throw new IOException("second")));
        Assert.Equal(["first"], told);
        Assert.True(await attempt.RunAsync(() => Task.CompletedTask));
        Assert.True(await attempt.RunAsync(() => Task.CompletedTask));
        Assert.Equal(["first", "works again"], told);
        Assert.False(await attempt.RunAsync(() => Task.FromException(new IOException("third"))));
        Assert.Equal(["first", "works again", "third"], told);
    }
}
