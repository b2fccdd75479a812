using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

using LiveRobot.Testing;

namespace LiveRobot.EndToEnd;

/// <summary>The whole story of a robot, its owner and a viewer, every byte of it recorded: where secrets go, and where they do not.</summary>
public sealed class TrustTests
{
    private const string Password = "correct horse/battery+staple ü";
    private const string WifiPassword = "attic window+ladder/7";

    /// <summary>A robot of that library whose machine is busy may identify itself on a socket only with its next turn, after 60 seconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);

    [Fact]
    public async Task Secrets_stand_in_what_their_owners_sent_and_nowhere_else()
    {
        await using var platform = await RecordedPlatform.StartAsync();
        var code = await platform.AdministratorCodeAsync();

        // The owner signs up and adds a robot.
        using var owner = Client(platform.Owner);
        using var signedUp = await owner.PostAsJsonAsync("/api/v1/register", new { username = "alice", password = Password, code });
        var cookie = signedUp.Headers.GetValues("Set-Cookie").Single().Split(';')[0].Split('=', 2)[1];
        owner.DefaultRequestHeaders.Add("Cookie", $"connect.sid={cookie}");
        var key = (await PostAsync(owner, "/api/v1/account/keys", new { name = "scripts" })).GetProperty("key").GetString()!;
        var handle = (await PostAsync(owner, "/api/v1/robots", new { name = "Rover" })).GetProperty("handle").GetString()!;
        using var answer = await owner.GetAsync(new Uri($"/api/v1/robots/{handle}/credentials", UriKind.Relative));
        var credentials = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        var (robotId, camera) = (credentials.GetProperty("robot_id").GetString()!, credentials.GetProperty("cameras")[0]);
        var (cameraId, streamKey) = (camera.GetProperty("camera_id").GetInt32(), camera.GetProperty("stream_key").GetString()!);
        var token = (await PostAsync(owner, $"/api/v1/robots/{handle}/viewing-tokens", new { days = 1 })).GetProperty("token").GetString()!;
        var spectatorToken = (await PostAsync(owner, $"/api/v1/robots/{handle}/viewing-tokens", new { days = 1, spectator = true })).GetProperty("token").GetString()!;
        using var left = await owner.PutAsJsonAsync($"/api/v1/robots/{handle}/wifi_login", new { wifi_name = "Home", wifi_password = WifiPassword });
        var wifiSecret = JsonElement.Parse(await left.Content.ReadAsStringAsync()).GetProperty("secret").GetString()!;

        // It comes to life, is watched, driven and spoken to, and its owner's script changes a setting.
        await using var robot = ChildProcess.Start(
            "/usr/bin/python3",
            [Path.Combine(Repository.Root, "tests/Testing/robots/letsrobot_era.py"), Url(platform.Robot["Api"]), robotId, Text(cameraId), Text(platform.Robot["Status"].Port)]);
        await using var ffmpeg = ChildProcess.Start(
            "ffmpeg",
            [
                "-v", "error", "-nostdin", "-re", "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25", "-f", "mpegts", "-codec:v", "mpeg1video", "-bf", "0",
                "-g", "10", "-muxdelay", "0.001", $"{Url(platform.Robot["Video"])}/{streamKey}/160/120/",
            ]);
        await WatchAsync(platform, robot, handle, cameraId, token, spectatorToken);
        foreach (var socket in new[] { "Control", "Chat", "Status" })
        {
            await Eventually.TrueAsync(() => platform.Robot[socket].Sent.Contains(robotId, StringComparison.Ordinal), Patience, $"the robot-id went over the {socket} socket");
        }

        using var script = Client(platform.Owner);
        script.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        await PostAsync(script, $"/api/v1/robots/{robotId}", new { robot_description = "seen" });
        await robot.WaitForLineAsync(line => line.Contains("settings_changed", StringComparison.Ordinal), Patience);

        // Another robot is paired by a code, and shows the token that it got for it.
        var paired = (await PostAsync(owner, "/api/v1/robots", new { name = "Paired" })).GetProperty("handle").GetString()!;
        var pairingCode = (await PostAsync(owner, $"/api/v1/robots/{paired}/pairing-codes", new { })).GetProperty("code").GetString()!;
        using var client = Client(platform.Robot["Api"]);
        var pairing = await PostAsync(client, "/api/v1/pair", new { code = pairingCode });
        var (pairedId, robotToken) = (pairing.GetProperty("robot_id").GetString()!, pairing.GetProperty("robot_token").GetString()!);
        await using var pairedRobot = await SocketIOPeer.ConnectAsync(new Uri(Url(platform.Robot["Control"])), robotToken: robotToken);
        Assert.True((await pairedRobot.AskAsync("robot_id", pairedId)).GetProperty("ok").GetBoolean());
        Assert.Contains(WifiPassword, await client.GetStringAsync(new Uri($"/get_wifi_login/{wifiSecret}", UriKind.Relative)), StringComparison.Ordinal);

        Secret[] ofOwner =
        [
            new("password", Password), new("session cookie", cookie), new("API key", key), new("administrator's code", code), new("Wi-Fi password", WifiPassword),
        ];
        Secret[] ofRobots =
        [
            new("robot-id", robotId), new("stream key", streamKey), new("robot-id of the paired robot", pairedId), new("robot token", robotToken),
            new("pairing code", pairingCode), new("Wi-Fi secret", wifiSecret),
        ];
        Secret[] ofViewers = [new("viewing token", token), new("spectator's token", spectatorToken)];
        Secret[] secrets = [.. ofOwner, .. ofRobots, .. ofViewers, new("master key", platform.MasterKey)];
        await ErrAsync(platform, secrets);
        var metrics = platform.Metrics.ToArray();
        ffmpeg.Signal("TERM");
        await ffmpeg.WaitForExitAsync();

        // First that what is looked for can be found at all.
        AssertSent(ofOwner, platform.Owner.Sent);
        AssertSent(ofRobots, string.Concat(platform.Robot.Values.Select(proxy => proxy.Sent)));
        AssertSent(ofViewers, platform.Viewer.Sent);
        var places = new Dictionary<string, string>
        {
            ["logs"] = string.Join('\n', platform.Logs),
            ["metrics"] = string.Join('\n', metrics.Concat(platform.Metrics)),
            ["traces"] = string.Join('\n', platform.Traces),
            ["errors"] = platform.Erring.Received + platform.ErringAtVideo.Received,
            ["viewer's frames"] = platform.Viewer.Received,
        };
        Assert.All(places, place => Assert.True(place.Value.Length > 500, $"Hardly anything was recorded as {place.Key}: {place.Value}"));
        Assert.All(places, place => Assert.All(secrets, secret => Assert.False(secret.IsIn(place.Value), $"The {secret.Name} is in the {place.Key}: {Around(place.Value, secret)}")));
    }

    [Fact]
    public void A_secret_is_found_in_every_form_and_wherever_base64_cuts_it()
    {
        var secret = new Secret("password", Password);
        var bytes = Encoding.UTF8.GetBytes(Password);
        foreach (var before in new[] { "", "a", "ab", "abc" })
        {
            var around = (byte[])[.. Encoding.UTF8.GetBytes(before), .. bytes, .. "tail"u8];
            Assert.True(secret.IsIn(Convert.ToBase64String(around)));
            Assert.True(secret.IsIn(System.Buffers.Text.Base64Url.EncodeToString(around)));
        }

        Assert.True(secret.IsIn($"x{Uri.EscapeDataString(Password)}x"));
        Assert.True(secret.IsIn($"x{Password}x"));
        Assert.True(secret.IsIn(Convert.ToHexStringLower(bytes)));
        Assert.False(secret.IsIn(Password[1..]));
    }

    private static void AssertSent(Secret[] secrets, string sent) =>
        Assert.All(secrets, secret => Assert.True(secret.IsIn(sent), $"The {secret.Name} was not sent by whose it is."));

    /// <summary>A viewer with a token: the pages' requests, the three sockets, and the picture; beside them a spectator.</summary>
    private static async Task WatchAsync(RecordedPlatform platform, ChildProcess robot, string handle, int cameraId, string token, string spectatorToken)
    {
        var site = new Uri(Url(platform.Viewer));
        await using var spectator = await SocketIOPeer.ConnectAsync(site, "/control/socket.io", token: spectatorToken);
        Assert.True((await spectator.AskAsync("select_robot", new { robot_id = handle })).GetProperty("ok").GetBoolean());
        await using var control = await SocketIOPeer.ConnectAsync(site, "/control/socket.io", token: token);
        await using var chat = await SocketIOPeer.ConnectAsync(site, "/chat/socket.io", token: token);
        await using var status = await SocketIOPeer.ConnectAsync(site, "/status/socket.io", token: token);
        foreach (var socket in new[] { control, chat, status })
        {
            Assert.True((await socket.AskAsync("select_robot", new { robot_id = handle })).GetProperty("ok").GetBoolean());
        }

        await robot.WaitForLineAsync(line => line.Contains("\"ready\"", StringComparison.Ordinal), Patience);
        await Eventually.TrueAsync(async () =>
        {
            // A key that went down before the robot was there drives nothing until it is let go.
            await control.AskAsync("command_to_robot", new { robot_id = handle, command = "F", key_position = "up" });
            return (await control.AskAsync("command_to_robot", new { robot_id = handle, command = "F", key_position = "down" })).GetProperty("ok").GetBoolean();
        });
        await robot.WaitForLineAsync(line => line.Contains("\"command\"", StringComparison.Ordinal), Patience);
        Assert.True((await chat.AskAsync("chat_message", new { message = "hello", robot_id = handle })).GetProperty("ok").GetBoolean());
        await robot.WaitForLineAsync(line => line.Contains("hello", StringComparison.Ordinal), Patience);

        using var picture = new ClientWebSocket();
        await picture.ConnectAsync(new Uri($"ws://localhost:{platform.Viewer.Port}/relay/video/{handle}/{cameraId}?token={Uri.EscapeDataString(token)}"), CancellationToken.None);
        var buffer = new byte[65_536];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        for (var bytes = 0; bytes < 20_000;)
        {
            bytes += (await picture.ReceiveAsync(buffer, patience.Token)).Count;
        }

        using var viewer = Client(platform.Viewer);
        foreach (var path in new[] { "/api/v1/robots", $"/api/v1/robots/{handle}?token={token}", $"/get_robot_id/{cameraId}", $"/snapshot/{handle}.jpg", "/api/v1/accounts/alice", "/openapi/v1.json" })
        {
            using var answer = await viewer.GetAsync(new Uri(path, UriKind.Relative));
            Assert.True(answer.IsSuccessStatusCode, path);
        }
    }

    /// <summary>Sends each secret where it does not belong: what is answered must not repeat it, and no log must keep it.</summary>
    private static async Task ErrAsync(RecordedPlatform platform, Secret[] secrets)
    {
        using var http = Client(platform.Erring);
        using var relay = Client(platform.ErringAtVideo);
        foreach (var secret in secrets)
        {
            var text = Uri.EscapeDataString(secret.Value);
            foreach (var path in new[] { $"/api/v1/nothing/{text}", $"/get_video_port/{text}", $"/api/v1/accounts/{text}", $"/api/v1/robots/rover?token={text}&x={text}", $"/snapshot/{text}.jpg", $"/{text}" })
            {
                using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
            }

            using var asName = await http.PostAsJsonAsync("/api/v1/authenticate", new { username = secret.Value, password = secret.Value });
            Assert.Equal(System.Net.HttpStatusCode.Unauthorized, asName.StatusCode);
            using var malformed = new StringContent($"{{\"username\":\"{secret.Value}", Encoding.UTF8, "application/json");
            using var answered = await http.PostAsync(new Uri("/api/v1/authenticate", UriKind.Relative), malformed);
            using var asSetting = await http.PostAsJsonAsync($"/api/v1/robots/{text}", new { robot_name = secret.Value });
            using var get = await relay.GetAsync(new Uri($"/{text}/160/120/", UriKind.Relative));
            using var size = await relay.PostAsync(new Uri($"/{text}/wide/high/", UriKind.Relative), null);
        }
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, string path, object body)
    {
        using var answer = await client.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {text}");
        return JsonElement.Parse(text);
    }

    private static HttpClient Client(RecordingProxy proxy) =>
        new(new HttpClientHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(Url(proxy)) };

    private static string Url(RecordingProxy proxy) => string.Create(CultureInfo.InvariantCulture, $"http://localhost:{proxy.Port}");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The line that it stands in.</summary>
    private static string Around(string text, Secret secret) => text.Split('\n').FirstOrDefault(secret.IsIn) ?? "";
}
