using System.Net;
using System.Text.Json;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.Api.Tests;

/// <summary>Pictures that viewers take with a caption.</summary>
public sealed class ViewerSnapshotTests : IAsyncLifetime
{
    private const int MaxBytes = 2_000;

    private ServiceHost _host = null!;
    private Browser _alice = null!;
    private Browser _bob = null!;
    private Browser _mallory = null!;
    private Robot _robot = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await ServiceHost.StartAsync(
            builder => builder.AddApi(),
            endpoints => endpoints.MapApi(),
            new Dictionary<string, string?>
            {
                ["Snapshots:Relay"] = $"http://127.0.0.1:{FreePorts.Take()}",
                ["Snapshots:MaxTakenBytes"] = $"{MaxBytes}",
                ["Snapshots:TakenKept"] = "2",
                ["Snapshots:TakenAtOnce"] = "3",
                ["Snapshots:TakenInterval"] = "1.00:00:00",
            });
        (_alice, _bob, _mallory) = (new Browser(_host), new Browser(_host), new Browser(_host));
        await _alice.SignUpAsync("alice", "correct horse");
        await _bob.SignUpAsync("bob", "correct horse");
        await _mallory.SignUpAsync("mallory", "correct horse");
        _robot = await _host.Robots.AddAsync("Rover", "alice");
    }

    public async ValueTask DisposeAsync()
    {
        _alice.Dispose();
        _bob.Dispose();
        _mallory.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task A_picture_is_kept_under_the_name_of_who_took_it_and_told()
    {
        SnapshotTaken? told = null;
        using var subscription = _host.Get<IBus>().Subscribe<SnapshotTaken>(taken => told = taken);

        var taken = await TakenAsync("Look \u2013 a cat", username: "alice");
        var listed = (await _mallory.JsonAsync("/api/v1/snapshots/robot/rover")).GetProperty("snapshots")[0];
        using var picture = await _mallory.SendAsync(HttpMethod.Get, new Uri(listed.GetProperty("url").GetString()!).AbsolutePath);

        Assert.Equal("Look \u2013 a cat", taken.GetProperty("caption").GetString());
        Assert.Equal(("bob", "Look \u2013 a cat", "Rover"), (listed.GetProperty("username").GetString(), listed.GetProperty("caption").GetString(), listed.GetProperty("robot_name").GetString()));
        Assert.Equal("image/jpeg", picture.Content.Headers.ContentType?.MediaType);
        Assert.Equal(Jpeg(100), await picture.Content.ReadAsByteArrayAsync());
        Assert.Equal(listed.GetProperty("snapshot_id").GetString(), told!.Snapshot.SnapshotId);
    }

    [Fact]
    public async Task A_browser_that_keeps_a_picture_asks_each_time_whether_it_may_still_show_it()
    {
        var path = $"/snapshots/{(await TakenAsync("before")).GetProperty("snapshot_id").GetString()}.jpg";
        using var picture = await _mallory.SendAsync(HttpMethod.Get, path);
        Assert.True(picture.Headers.CacheControl is { NoCache: true, Public: false });
        _mallory.Headers["If-None-Match"] = picture.Headers.ETag!.ToString();
        Assert.Equal(HttpStatusCode.NotModified, await _mallory.StatusAsync(path));

        await _host.Robots.SetVisibilityAsync("rover", Visibility.Private);

        Assert.Equal(HttpStatusCode.NotFound, await _mallory.StatusAsync(path));
    }

    [Fact]
    public async Task Only_the_newest_are_kept()
    {
        var first = await TakenAsync("1");
        await TakenAsync("2");
        await TakenAsync("3");

        var captions = (await _bob.JsonAsync("/api/v1/snapshots/robot/rover")).GetProperty("snapshots").EnumerateArray().Select(shown => shown.GetProperty("caption").GetString());

        Assert.Equal(["3", "2"], captions);
        Assert.Equal(HttpStatusCode.NotFound, await _bob.StatusAsync($"/snapshots/{first.GetProperty("snapshot_id").GetString()}.jpg"));
    }

    [Fact]
    public async Task The_fourth_picture_at_once_has_to_wait()
    {
        for (var number = 0; number < 3; number++)
        {
            await TakenAsync("again");
        }

        using var refused = await TakeAsync(_bob, "again", DataUrl(Jpeg(100)));

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
    }

    [Fact]
    public async Task The_largest_picture_and_the_longest_caption_will_do_and_one_more_will_not()
    {
        using var largest = await TakeAsync(_bob, new string('x', ViewerSnapshots.MaxCaptionLength), DataUrl(Jpeg(MaxBytes)));
        using var tooLarge = await TakeAsync(_bob, "", DataUrl(Jpeg(MaxBytes + 1)));
        using var tooLong = await TakeAsync(_mallory, new string('x', ViewerSnapshots.MaxCaptionLength + 1), DataUrl(Jpeg(100)));
        using var tooMuch = await TakeAsync(_mallory, "", new string('x', (2 * MaxBytes) + 16_384));

        Assert.Equal(
            (HttpStatusCode.OK, HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.RequestEntityTooLarge),
            (largest.StatusCode, tooLarge.StatusCode, tooLong.StatusCode, tooMuch.StatusCode));
    }

    [Theory]
    [InlineData("data:image/svg+xml;base64,PHN2Zy8+")]
    [InlineData("data:image/jpeg;base64,PHN2Zy8+")]
    [InlineData("data:image/jpeg;base64,!")]
    [InlineData("/9j/4AAQ")]
    public async Task What_is_no_JPEG_is_refused(string image)
    {
        using var answer = await TakeAsync(_bob, "", image);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("\"error\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_takes_or_sees_pictures_of_a_private_robot_and_nobody_takes_any_without_signing_in()
    {
        var snapshotId = (await TakenAsync("before")).GetProperty("snapshot_id").GetString();
        using var stranger = new Browser(_host);
        using var anonymous = await TakeAsync(stranger, "", DataUrl(Jpeg(100)));
        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);

        await _host.Robots.SetVisibilityAsync("rover", Visibility.Private);

        using var refused = await TakeAsync(_mallory, "", DataUrl(Jpeg(100)));
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, await _mallory.StatusAsync("/api/v1/snapshots/robot/rover"));
        Assert.Equal(HttpStatusCode.NotFound, await _mallory.StatusAsync($"/snapshots/{snapshotId}.jpg"));
        Assert.Equal(HttpStatusCode.OK, await _alice.StatusAsync($"/snapshots/{snapshotId}.jpg"));
    }

    [Fact]
    public async Task Who_took_a_picture_and_the_robots_owner_delete_it_and_nobody_else()
    {
        var (first, second) = (Id(await TakenAsync("1")), Id(await TakenAsync("2")));

        Assert.Equal(HttpStatusCode.Forbidden, await DeleteAsync(_mallory, first));
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync(_bob, first));
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync(_alice, second));
        Assert.Equal(HttpStatusCode.NotFound, await DeleteAsync(_alice, second));

        static string Id(JsonElement snapshot) => snapshot.GetProperty("snapshot_id").GetString()!;

        static async Task<HttpStatusCode> DeleteAsync(Browser browser, string id)
        {
            using var answer = await browser.SendAsync(HttpMethod.Delete, $"/api/v1/snapshots/{id}");
            return answer.StatusCode;
        }
    }

    /// <summary>Without an image it is what the robot sees, and here is no relay.</summary>
    [Fact]
    public async Task Of_a_robot_without_a_picture_none_is_taken()
    {
        using var answer = await TakeAsync(_bob, "nothing", "");

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
    }

    private async Task<JsonElement> TakenAsync(string caption, string username = "bob")
    {
        using var answer = await TakeAsync(_bob, caption, DataUrl(Jpeg(100)), username);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, body);
        return JsonElement.Parse(body);
    }

    private static Task<HttpResponseMessage> TakeAsync(Browser browser, string caption, string image, string username = "bob") => browser.PostFormAsync(
        "/api/v1/snapshots", ("image", image), ("robot_id", "rover"), ("robot_name", "Rover"), ("username", username), ("caption", caption));

    private static byte[] Jpeg(int length) => [0xFF, 0xD8, 0xFF, .. new byte[length - 5], 0xFF, 0xD9];

    private static string DataUrl(byte[] jpeg) => $"data:image/jpeg;base64,{Convert.ToBase64String(jpeg)}";
}
