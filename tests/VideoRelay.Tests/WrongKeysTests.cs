using System.Net;

using LiveRobot.Testing;
using LiveRobot.VideoRelay.Ingest;

using Microsoft.Extensions.Options;

namespace LiveRobot.VideoRelay.Tests;

public sealed class WrongKeysTests
{
    private static readonly IPAddress Home = IPAddress.Parse("192.0.2.1");

    private readonly ManualClock _clock = new();
    private readonly WrongKeys _keys;

    public WrongKeysTests() => _keys = new WrongKeys(Options.Create(new VideoRelayOptions { WrongKeysPerMinute = 2 }), _clock);

    [Fact]
    public void Refuse_UpToTheLimit_LooksUpAndOneOverNot()
    {
        Assert.Null(Try(Home, "one"));
        Assert.Null(Try(Home, "two"));

        Assert.Equal(TimeSpan.FromMinutes(1), Try(Home, "three"));
    }

    [Fact]
    public void Refuse_KeyKnownToBeWrong_IsNotLookedUpAgain()
    {
        Assert.Null(Try(Home, "one"));
        Assert.Equal(TimeSpan.Zero, Try(Home, "one"));
        Assert.Equal(TimeSpan.FromMinutes(1), Try(Home, "one"));

        Assert.Null(Try(Home, "two"));
    }

    [Fact]
    public void Refuse_AfterTheMinute_BeginsAnew()
    {
        Try(Home, "one");
        Try(Home, "two");
        _clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(TimeSpan.FromSeconds(1), Try(Home, "three"));

        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(Try(Home, "one"));
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("2001:db8::1", "2001:db8::2", true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", false)]
    public void Refuse_OtherAddress_CountsWhenItIsOfTheSameHome(string one, string other, bool same)
    {
        Try(IPAddress.Parse(one), "one");
        Try(IPAddress.Parse(one), "two");

        Assert.Equal(same, Try(IPAddress.Parse(other), "three") is not null);
    }

    [Fact]
    public void Add_FromMoreAddressesThanAreRemembered_ForgetsRatherThanGrows()
    {
        Try(Home, "one");
        Try(Home, "two");
        for (var number = 1; number <= WrongKeys.MaxAddresses; number++)
        {
            Try(new IPAddress(number), "one");
        }

        Assert.Null(Try(Home, "three"));
    }

    /// <summary>Tries a wrong key as the endpoint does.</summary>
    private TimeSpan? Try(IPAddress address, string key)
    {
        var refusal = _keys.Refuse(address, key);
        if (refusal is null)
        {
            _keys.Add(address, key);
        }

        return refusal;
    }
}
