using System.Net;

using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace LiveRobot.Api.Tests;

/// <summary>Still pictures over HTTP. The relay is a stand-in with a keyframe that ffmpeg made; the real one is in the end-to-end tests.</summary>
public sealed class SnapshotTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly int _relayPort = FreePorts.Take();
    private ServiceHost _api = null!;
    private WebApplication _relay = null!;
    private HttpClient _client = null!;
    private Robot _robot = null!;
    private byte[]? _keyframe;
    private int _asked;
    private int _camera;
    private string _token = "";

    public async ValueTask InitializeAsync()
    {
        var file = _folder.File("keyframe.ts");
        await ChildProcess.RunAsync("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-frames:v", "1", "-c:v", "mpeg1video", file]);
        var keyframe = await File.ReadAllBytesAsync(file);
        _keyframe = keyframe;
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseSetting("urls", $"http://127.0.0.1:{_relayPort}");
        _relay = builder.Build();
        _relay.MapGet("/{handle}/{cameraId}/keyframe", (int cameraId, string? token) =>
        {
            Interlocked.Increment(ref _asked);
            _camera = cameraId;
            _token = token ?? "";
            return _keyframe is { } now ? Results.Bytes(now, "video/mp2t") : Results.NotFound();
        });
        await _relay.StartAsync();
        _api = await ServiceHost.StartAsync(
            api => api.AddApi(),
            endpoints => endpoints.MapApi(),
            new Dictionary<string, string?>
            {
                ["Snapshots:Relay"] = $"http://127.0.0.1:{_relayPort}",
                ["Snapshots:Lifetime"] = "01:00:00",
                ["Snapshots:Timeout"] = "00:00:30",
                ["Snapshots:CpuSeconds"] = "30",
            });
        _robot = await _api.Robots.AddAsync("Rover", "alice");
        _client = new HttpClient { BaseAddress = _api.Address };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _api.DisposeAsync();
        await _relay.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_picture_is_made_once_for_all_who_ask()
    {
        var pictures = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => PictureAsync("rover")));

        Assert.All(pictures, picture => Assert.Equal(pictures[0], picture));
        Assert.Equal(1, _asked);
        Assert.NotEqual(await PlaceholderAsync(), pictures[0]);
    }

    [Fact]
    public async Task Without_a_keyframe_there_is_a_placeholder()
    {
        _keyframe = null;

        Assert.Equal([0xFF, 0xD8], (await PictureAsync("rover"))[..2]);
        await PlaceholderAsync();
    }

    [Fact]
    public async Task Without_a_relay_there_is_a_placeholder()
    {
        await _relay.StopAsync();

        Assert.Equal(await PlaceholderAsync(), await PictureAsync("rover"));
    }

    [Fact]
    public async Task A_private_robot_is_pictured_only_for_who_shows_a_viewing_token()
    {
        var hidden = await _api.Robots.AddAsync("Hidden", "alice", Visibility.Private);
        var tokens = _api.Get<ViewingTokens>();
        var token = await tokens.IssueAsync(hidden.Handle, TimeSpan.FromMinutes(1));

        using var refused = await _client.GetAsync(new Uri($"/snapshot/{hidden.Handle}.jpg", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        Assert.Equal(0, _asked);
        using var shown = await _client.GetAsync(new Uri($"/snapshot/{hidden.Handle}.jpg?token={token}", UriKind.Relative));
        Assert.Equal("image/jpeg", shown.Content.Headers.ContentType?.MediaType);
        Assert.True(shown.Headers.CacheControl?.NoStore);
        Assert.True(await tokens.IsValidAsync(hidden.Handle, _token));
    }

    [Fact]
    public async Task A_private_robot_is_pictured_for_its_owner_and_for_nobody_else_who_has_signed_in()
    {
        using var owner = new Browser(_api);
        using var stranger = new Browser(_api);
        await owner.SignUpAsync("carol", "correct horse");
        await stranger.SignUpAsync("mallory", "correct horse");
        var hidden = await _api.Robots.AddAsync("Hidden", "carol", Visibility.Private);

        Assert.Equal(HttpStatusCode.NotFound, await stranger.StatusAsync($"/snapshot/{hidden.Handle}.jpg"));
        using var shown = await owner.SendAsync(HttpMethod.Get, $"/snapshot/{hidden.Handle}.jpg");

        Assert.Equal("image/jpeg", shown.Content.Headers.ContentType?.MediaType);
        Assert.True(shown.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task Each_camera_has_a_picture_of_its_own()
    {
        var second = await _api.Robots.AddCameraAsync(_robot.Handle);
        await PictureAsync("rover");
        Assert.Equal(_robot.Cameras[0].CameraId, _camera);

        await _client.GetByteArrayAsync(new Uri($"/snapshot/rover.jpg?camera_id={second!.CameraId}", UriKind.Relative));

        Assert.Equal(second.CameraId, _camera);
        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task A_camera_of_another_robot_is_not_found()
    {
        var hidden = await _api.Robots.AddAsync("Hidden", "alice", Visibility.Private);

        using var response = await _client.GetAsync(new Uri($"/snapshot/rover.jpg?camera_id={hidden.Cameras[0].CameraId}", UriKind.Relative));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(0, _asked);
    }

    [Theory]
    [InlineData("/snapshot/nobody.jpg")]
    [InlineData("/snapshot/rover")]
    public async Task What_is_no_robots_picture_is_not_found(string path)
    {
        using var response = await _client.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_robot_id_opens_no_picture()
    {
        using var response = await _client.GetAsync(new Uri($"/snapshot/{_robot.RobotId}.jpg", UriKind.Relative));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private Task<byte[]> PictureAsync(string handle) => _client.GetByteArrayAsync(new Uri($"/snapshot/{handle}.jpg", UriKind.Relative));

    /// <summary>What a robot without an encoder shows.</summary>
    private async Task<byte[]> PlaceholderAsync()
    {
        var (before, asked) = (_keyframe, _asked);
        _keyframe = null;
        var handle = (await _api.Robots.AddAsync("Dark", "alice")).Handle;
        var picture = await PictureAsync(handle);
        (_keyframe, _asked) = (before, asked);
        return picture;
    }
}
