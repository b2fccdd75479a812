using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;

using LiveRobot.Testing;

namespace LiveRobot.EndToEnd;

/// <summary>
/// What is open ends when the right to it does: of a robot its control, its chat and its feed, of a viewer control, chat
/// and picture. The robot is Olga's. The long form of the tests also holds that a second is enough.
/// </summary>
public sealed class WithdrawnTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _open = [];
    private RecordedPlatform _platform = null!;
    private HttpClient _root = null!;
    private HttpClient _olga = null!;
    private HttpClient _bobby = null!;
    private string _handle = "";

    public async ValueTask InitializeAsync()
    {
        _platform = await RecordedPlatform.StartAsync();
        _root = await SignUpAsync("root1", await _platform.AdministratorCodeAsync());
        _olga = await SignUpAsync("olga");
        _bobby = await SignUpAsync("bobby");
        _handle = (await PostAsync(_olga, "/api/v1/robots", new { name = "Rover" })).GetProperty("handle").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var opened in _open)
        {
            await opened.DisposeAsync();
        }

        foreach (var client in new[] { _root, _olga, _bobby })
        {
            client.Dispose();
        }

        await _platform.DisposeAsync();
    }

    [Fact]
    public async Task A_ban_from_the_robot_cuts_off_the_viewer()
    {
        var viewer = await OpenViewerAsync();

        await EndsAsync(viewer, () => PostAsync(_olga, $"/api/v1/robots/{_handle}/bans", new { account = "bobby" }));
    }

    [Fact]
    public async Task A_robot_that_becomes_private_cuts_off_the_viewer()
    {
        var viewer = await OpenViewerAsync();

        await EndsAsync(viewer, () => PostAsync(_olga, $"/api/v1/robots/{_handle}", new { visibility = "private" }));
    }

    [Fact]
    public async Task Replaced_keys_cut_off_the_robot()
    {
        var (sockets, feed, camera) = await OpenRobotAsync();

        await EndsAsync(sockets, () => PostAsync(_olga, $"/api/v1/robots/{_handle}/credentials/robot-id", new { }));
        await EndsAsync(feed, () => PostAsync(_olga, $"/api/v1/robots/{_handle}/cameras/{camera}/stream-key", new { }));
    }

    [Fact]
    public async Task A_ban_of_the_owner_from_the_site_cuts_off_the_robot()
    {
        var (sockets, feed, _) = await OpenRobotAsync();

        await EndsAsync([.. sockets, .. feed], () => PostAsync(_root, "/api/v1/bans", new { account = "olga" }));
    }

    /// <summary>Makes a change and waits until all has ended that was open.</summary>
    private async Task EndsAsync(IReadOnlyList<(string Name, Func<bool> HasEnded)> open, Func<Task> change)
    {
        Assert.All(open, connection => Assert.False(connection.HasEnded(), connection.Name));
        await change();
        var since = Stopwatch.StartNew();
        await Task.WhenAll(open.Select(async connection =>
        {
            await Eventually.TrueAsync(connection.HasEnded, text: $"{connection.Name} has ended");
            var took = since.Elapsed;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{connection.Name} ended after {took.TotalMilliseconds:0} ms"));
            Assert.True(!RandomInput.IsLong || took < TimeSpan.FromSeconds(1), $"{connection.Name} took {took}");
        }));
    }

    private async Task<IReadOnlyList<(string Name, Func<bool> HasEnded)>> OpenViewerAsync()
    {
        var cookie = _bobby.DefaultRequestHeaders.GetValues("Cookie").Single();
        var (control, chat) = (await ConnectAsync("/control/socket.io", cookie), await ConnectAsync("/chat/socket.io", cookie));
        foreach (var socket in new[] { control, chat })
        {
            Assert.True((await socket.AskAsync("select_robot", new { robot_id = _handle })).GetProperty("ok").GetBoolean());
        }

        var picture = new ClientWebSocket();
        picture.Options.SetRequestHeader("Cookie", cookie);
        await picture.ConnectAsync(new Uri($"ws://localhost:{_platform.Viewer.Port}/relay/video/{_handle}"), CancellationToken.None);
        var watching = ReceiveToEndAsync(picture);
        return [("control", () => !control.IsConnected), ("chat", () => !chat.IsConnected), ("picture", () => watching.IsCompleted)];
    }

    private async Task<(IReadOnlyList<(string Name, Func<bool> HasEnded)> Sockets, IReadOnlyList<(string Name, Func<bool> HasEnded)> Feed, int CameraId)> OpenRobotAsync()
    {
        using var answer = await _olga.GetAsync(new Uri($"/api/v1/robots/{_handle}/credentials", UriKind.Relative));
        var credentials = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        var (robotId, camera) = (credentials.GetProperty("robot_id").GetString()!, credentials.GetProperty("cameras")[0]);
        var sockets = new List<(string, Func<bool>)>();
        foreach (var name in new[] { "Control", "Chat" })
        {
            var socket = await SocketIOPeer.ConnectAsync(new Uri(Url(_platform.Robot[name])));
            _open.Add(socket);
            Assert.True((await socket.AskAsync("identify_robot_id", robotId)).GetProperty("ok").GetBoolean());
            sockets.Add(($"the robot's {name}", () => !socket.IsConnected));
        }

        var ffmpeg = ChildProcess.Start(
            "ffmpeg",
            [
                "-v", "error", "-nostdin", "-re", "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25", "-f", "mpegts", "-codec:v", "mpeg1video", "-bf", "0",
                "-g", "10", "-muxdelay", "0.001", $"{Url(_platform.Robot["Video"])}/{camera.GetProperty("stream_key").GetString()}/160/120/",
            ]);
        _open.Add(ffmpeg);
        await Eventually.TrueAsync(async () =>
            JsonElement.Parse(await _olga.GetStringAsync(new Uri($"/api/v1/robots/{_handle}", UriKind.Relative))).GetProperty("video").GetString() == "flowing");
        return (sockets, [("the robot's feed", () => ffmpeg.HasExited)], camera.GetProperty("camera_id").GetInt32());
    }

    private async Task<SocketIOPeer> ConnectAsync(string path, string cookie)
    {
        var socket = await SocketIOPeer.ConnectAsync(new Uri(Url(_platform.Viewer)), path, cookie: cookie);
        _open.Add(socket);
        return socket;
    }

    private static async Task ReceiveToEndAsync(ClientWebSocket picture)
    {
        using (picture)
        {
            var buffer = new byte[65_536];
            while ((await picture.ReceiveAsync(buffer, CancellationToken.None)).MessageType != WebSocketMessageType.Close)
            {
                // What is seen does not matter here.
            }
        }
    }

    private async Task<HttpClient> SignUpAsync(string name, string? code = null)
    {
        var client = new HttpClient(new HttpClientHandler { UseCookies = false }) { BaseAddress = new Uri(Url(_platform.Owner)) };
        using var answer = await client.PostAsJsonAsync("/api/v1/register", new { username = name, password = "correct horse", code });
        client.DefaultRequestHeaders.Add("Cookie", answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
        return client;
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, string path, object body)
    {
        using var answer = await client.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {text}");
        return JsonElement.Parse(text);
    }

    private static string Url(RecordingProxy proxy) => string.Create(CultureInfo.InvariantCulture, $"http://localhost:{proxy.Port}");
}
