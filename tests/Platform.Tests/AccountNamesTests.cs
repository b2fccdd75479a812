using LiveRobot.Platform.Accounts;

namespace LiveRobot.Platform.Tests;

public sealed class AccountNamesTests
{
    [Theory]
    [InlineData("abc")]
    [InlineData("fifteen-letters")]
    [InlineData("Alice_1")]
    [InlineData("anonymus")]
    public void A_name_of_the_form_that_existing_apps_take_may_be_had(string name)
    {
        Assert.Null(AccountNames.Check(name));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ab")]
    [InlineData("sixteen-letters-")]
    [InlineData("al ice")]
    [InlineData("al.ice")]
    [InlineData("аlice")]
    [InlineData("---")]
    public void Any_other_is_refused_with_the_reason(string? name)
    {
        Assert.NotNull(AccountNames.Check(name));
    }

    [Theory]
    [InlineData("anonymous")]
    [InlineData("anonymous1234")]
    [InlineData("An0nym0us_77")]
    [InlineData("a-nonymous")]
    [InlineData("Global")]
    [InlineData("g1obal")]
    [InlineData("AdminBot")]
    [InlineData("LetsBot")]
    [InlineData("robots")]
    public void What_the_server_itself_says_in_place_of_a_name_is_reserved_with_its_look_alikes(string name)
    {
        Assert.NotNull(AccountNames.Check(name));
    }

    [Theory]
    [InlineData("alice", "ALICE")]
    [InlineData("alice", "a1ice")]
    [InlineData("alice", "aIice")]
    [InlineData("alice", "al-ice_")]
    [InlineData("modern", "rnodem")]
    [InlineData("wolf", "vvo1f")]
    [InlineData("Bob55", "8obSS")]
    [InlineData("zoo", "2OO")]
    [InlineData("vwolf", "wvolf")]
    [InlineData("vwolf", "vvvolf")]
    [InlineData("arnmy", "amrny")]
    [InlineData("adam", "ac1arn")]
    [InlineData("dd-top", "c1clt0p")]
    public void Names_that_look_alike_have_one_skeleton(string one, string other)
    {
        Assert.Equal(AccountNames.Skeleton(one), AccountNames.Skeleton(other));
    }

    [Theory]
    [InlineData("alice", "alicia")]
    [InlineData("bob", "bobby")]
    [InlineData("bot3", "bot4")]
    public void Names_that_differ_to_the_eye_have_different_skeletons(string one, string other)
    {
        Assert.NotEqual(AccountNames.Skeleton(one), AccountNames.Skeleton(other));
    }
}
