using System.Net;

using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.VideoRelay.Tests;

/// <summary>Watching and sending, for people who are banned. The robot is Ada's.</summary>
public sealed class BanTests
{
    /// <summary>Each row: what the address is banned from. A viewing token does not help, nor another robot's path.</summary>
    [Theory]
    [InlineData("robot")]
    [InlineData("owner")]
    [InlineData("site")]
    public async Task Who_is_banned_watches_no_more_by_any_path_and_finds_the_camera_no_more(string scope)
    {
        await using var server = await RelayServer.StartAsync();
        var token = await server.Get<ViewingTokens>().IssueAsync(server.Robot.Handle, TimeSpan.FromDays(1));
        var path = $"{server.Robot.Handle}/{server.Camera.CameraId}";
        await using var video = await server.WatchAsync();
        await using var audio = await server.WatchAsync(Medium.Audio);
        await using var byToken = await server.WatchAsync(server.ViewerUrl(path: $"{path}?token={token}"));

        await server.Get<BanDirectory>().MakeAsync(ScopeOf(scope), BanTarget.Of(IPAddress.Loopback), "", duration: null, "ada");

        await Eventually.TrueAsync(() => video.Ended && audio.Ended && byToken.Ended);
        Assert.Equal(4404, (int?)video.CloseStatus);
        await using var again = await TestViewer.ConnectAsync(server.ViewerUrl(path: $"{path}?token={token}"));
        await Eventually.TrueAsync(() => again.Ended);
        Assert.Equal(4404, (int?)again.CloseStatus);
        using var client = new HttpClient();
        using var keyframe = await client.GetAsync(new Uri($"http://127.0.0.1:{server.VideoPort}/{path}/keyframe"));
        Assert.Equal(HttpStatusCode.NotFound, keyframe.StatusCode);
    }

    [Fact]
    public async Task The_feed_of_an_account_that_is_banned_from_the_site_is_cut_off_and_not_taken_again()
    {
        await using var server = await RelayServer.StartAsync();
        await using var viewer = await server.WatchAsync();
        await using var encoder = await TestEncoder.ConnectAsync(server.IngestUrl());
        await encoder.SendAsync(await SampleStreams.Mpeg1Async());
        await Eventually.TrueAsync(() => viewer.Count > 0);

        var ada = (await server.Get<AccountDirectory>().FindAsync("ada"))!;
        var ban = await server.Get<BanDirectory>().MakeAsync(BanScope.Site, BanTarget.Of(ada), "", duration: null, "root1");

        Assert.StartsWith("HTTP/1.1 403 ", await encoder.ReadToCloseAsync(), StringComparison.Ordinal);
        await using (var again = await TestEncoder.ConnectAsync(server.IngestUrl()))
        {
            Assert.StartsWith("HTTP/1.1 403 ", await again.ReadToCloseAsync(), StringComparison.Ordinal);
        }

        Assert.True(await server.Get<BanDirectory>().LiftAsync(BanScope.Site, ban!.Id, "olga"));
        await using var forgiven = await TestEncoder.ConnectAsync(server.IngestUrl());
        var before = viewer.Count;
        await forgiven.SendAsync(await SampleStreams.Mpeg1Async());
        await Eventually.TrueAsync(() => viewer.Count > before);
    }

    [Fact]
    public async Task The_feed_of_who_is_banned_from_another_owners_robots_goes_on()
    {
        await using var server = await RelayServer.StartAsync();
        await using var viewer = await server.WatchAsync();
        await using var encoder = await TestEncoder.ConnectAsync(server.IngestUrl());
        await server.Get<AccountDirectory>().CreateAsync("peter", password: null);

        var ada = (await server.Get<AccountDirectory>().FindAsync("ada"))!;
        await server.Get<BanDirectory>().MakeAsync(BanScope.OfOwner("peter"), BanTarget.Of(ada), "", duration: null, "peter");

        await encoder.SendAsync(await SampleStreams.Mpeg1Async());
        await Eventually.TrueAsync(() => viewer.Count > 0);
    }

    private static BanScope ScopeOf(string scope) => scope switch
    {
        "robot" => BanScope.OfRobot("rover"),
        "owner" => BanScope.OfOwner("ada"),
        _ => BanScope.Site,
    };
}
