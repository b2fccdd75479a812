using System.Globalization;
using System.Net;

using LiveRobot.Platform.Limits;
using LiveRobot.Testing;

namespace LiveRobot.Platform.Tests;

public sealed class KeyedRateTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public void Each_key_may_take_so_many_at_once_and_one_more_per_interval()
    {
        var rate = new KeyedRate(burst: 3, TimeSpan.FromSeconds(10), _clock);
        for (var number = 0; number < 3; number++)
        {
            Assert.Null(rate.Take("a"));
        }

        Assert.Equal(TimeSpan.FromSeconds(10), rate.Take("a"));
        Assert.Null(rate.Take("b"));

        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(1, rate.Take("a")!.Value.TotalSeconds, precision: 6);

        _clock.Advance(TimeSpan.FromSeconds(1.001));
        Assert.Null(rate.Take("a"));
        Assert.NotNull(rate.Take("a"));
    }

    [Fact]
    public void What_is_given_back_may_be_taken_again_but_never_makes_more()
    {
        var rate = new KeyedRate(burst: 1, TimeSpan.FromSeconds(10), _clock);
        rate.GiveBack("a");

        Assert.Null(rate.Take("a"));
        Assert.NotNull(rate.Take("a"));
        rate.GiveBack("a");
        Assert.Null(rate.Take("a"));
        Assert.NotNull(rate.Take("a"));
    }

    [Fact]
    public void Many_keys_that_come_once_do_not_make_it_forget_one_that_was_used_up()
    {
        var rate = new KeyedRate(burst: 2, TimeSpan.FromHours(1), _clock);
        rate.Take("guessed");
        rate.Take("guessed");

        for (var number = 0; number < 3 * KeyedRate.MaxKeys; number++)
        {
            rate.Take(number.ToString(CultureInfo.InvariantCulture));
        }

        Assert.NotNull(rate.Take("guessed"));
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    public void A_network_of_IPv6_counts_as_one_address(string address, string range)
    {
        Assert.Equal(IPAddress.Parse(range), AddressRange.Of(IPAddress.Parse(address)));
    }
}
