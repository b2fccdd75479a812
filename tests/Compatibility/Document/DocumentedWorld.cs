using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.RegularExpressions;

using LiveRobot.ChatSocket;
using LiveRobot.Compatibility.ViewerApp;
using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Moderation;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.Compatibility.Document;

/// <summary>
/// People and a robot of their own for one example, so that none depends on another: an owner, who has an API key, a
/// viewer, and a robot with everything that a path may name.
/// </summary>
internal sealed partial class DocumentedWorld
{
    private static readonly Lazy<Task<byte[]>> Sample = new(MakeSampleAsync);
    private static int _number;

    private readonly WholePlatform _platform;
    private readonly Dictionary<string, string> _values;
    private readonly string _ownersCookie;
    private readonly string _viewersCookie;
    private readonly string _administratorsCookie;
    private readonly string _key;

    private DocumentedWorld(WholePlatform platform, Robot robot, Dictionary<string, string> values, string ownersCookie, string viewersCookie, string administratorsCookie, string key) =>
        (_platform, Robot, _values, _ownersCookie, _viewersCookie, _administratorsCookie, _key) =
            (platform, robot, values, ownersCookie, viewersCookie, administratorsCookie, key);

    public Robot Robot { get; }

    public static async Task<DocumentedWorld> MakeAsync(WholePlatform platform)
    {
        var number = Interlocked.Increment(ref _number).ToString(CultureInfo.InvariantCulture);
        var (ownersName, viewersName) = ($"owner{number}x", $"viewer{number}x");
        var (ownersCookie, viewersCookie) = (await platform.SignInAsync(ownersName), await platform.SignInAsync(viewersName));
        var administratorsCookie = await platform.SignInAsync($"root{number}x", isAdministrator: true);
        var accounts = platform.Get<AccountDirectory>();
        var (owner, viewer) = ((await accounts.FindAsync(ownersName))!, (await accounts.FindAsync(viewersName))!);
        var robots = platform.Get<RobotDirectory>();
        var robot = await robots.AddAsync("Rover", ownersName);
        await robots.AddCameraAsync(robot.Handle);
        await platform.Get<RobotPresence>().ReverseSshAcceptedAsync(robot.Handle);
        var login = await platform.Get<WifiLogins>().SetAsync(robot.Handle, new WifiLogin("Home", "correct horse"), lifetime: null);
        var snapshot = await platform.Get<ViewerSnapshots>().AddAsync(robot, owner, "A cat", new byte[] { 0xFF, 0xD8, 0xFF, 0xD9 }, kept: 10);
        var troll = BanTarget.Of(IPAddress.Parse("192.0.2.66"));
        var bans = platform.Get<BanDirectory>();
        var robotsBan = await bans.MakeAsync(BanScope.OfRobot(robot.Handle), troll, "spam", duration: null, ownersName);
        var ownersBan = await bans.MakeAsync(BanScope.OfOwner(ownersName), troll, "spam", duration: null, ownersName);
        var sitesBan = await bans.MakeAsync(BanScope.Site, troll, "spam", duration: null, "root");
        var moderator = (await accounts.CreateAsync($"mona{number}x", password: null))!;
        await platform.Get<Moderators>().AddAsync(robot, moderator, ownersName);
        var line = new ChatMessage(platform.Get<ChatLog>().NewMessageId(), robot.Handle, viewersName, "rubbish", "#ffffff", Anonymous: false);
        await platform.Get<ChatLog>().AppendAsync(line);
        var (key, secret) = (await platform.Get<ApiKeys>().AddAsync(owner, "scripts"))!.Value;
        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["robot_id"] = robot.RobotId,
            ["handle"] = robot.Handle,
            ["camera_id"] = Text(robot.Cameras[0].CameraId),
            ["stream_key"] = await robots.StreamKeyAsync(robot.Cameras[0].CameraId),
            ["owner"] = ownersName,
            ["name"] = ownersName,
            ["viewer"] = viewer.Name,
            ["new_name"] = $"bob{number}x",
            ["password"] = "correct horse",
            ["token"] = await platform.Get<ViewingTokens>().IssueAsync(robot.Handle, TimeSpan.FromHours(1)),
            ["code"] = (await platform.Get<PairingCodes>().IssueAsync(robot.Handle))!.Code,
            ["secret"] = login!.Secret,
            ["snapshot_id"] = snapshot.SnapshotId,
            ["id"] = key.Id.ToString(CultureInfo.InvariantCulture),
            ["ban"] = Text(robotsBan!.Id),
            ["own_ban"] = Text(ownersBan!.Id),
            ["moderator"] = moderator.Name,
            ["message_id"] = line.MessageId,
            ["site_ban"] = Text(sitesBan!.Id),
            ["document"] = "v1",
            ["slot"] = "0",
            ["xres"] = "640",
            ["yres"] = "480",
        };
        return new DocumentedWorld(platform, robot, values, ownersCookie, viewersCookie, administratorsCookie, secret);
    }

    /// <summary>Puts what is in braces in its place.</summary>
    public string Fill(string text) => Placeholder().Replace(text, match =>
        _values.TryGetValue(match.Groups[1].Value, out var value) ? value : throw new KeyNotFoundException($"Nothing is known for {match.Value} in {text}"));

    public string? CookieOf(string who) => who switch
    {
        "owner" => _ownersCookie,
        "viewer" => _viewersCookie,
        "administrator" => _administratorsCookie,
        "nobody" or "robot" or "program" => null,
        _ => throw new ArgumentException($"There is no {who} here.", nameof(who)),
    };

    /// <summary>Sends an example; gives what is wrong with the answer, or null.</summary>
    public async Task<string?> SendAsync(HttpExample example)
    {
        var address = _platform.Address(example.Path.StartsWith("/{stream_key}", StringComparison.Ordinal) || IsOfRelay(example) ? "Video" : "Api");
        var target = new Uri(address, Fill(example.Path));
        if (example.Method == "WS")
        {
            using var socket = new ClientWebSocket();
            await socket.ConnectAsync(new UriBuilder(target) { Scheme = "ws" }.Uri, CancellationToken.None);
            return socket.State == WebSocketState.Open ? null : $"{socket.State}";
        }

        if (example.Path.EndsWith("/keyframe", StringComparison.Ordinal))
        {
            return await KeyframeAsync(address, target);
        }

        var handler = LoopbackAddresses.From(LoopbackAddresses.Take());
        handler.AllowAutoRedirect = false;
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(new HttpMethod(example.Method), target) { Content = example.Body == "(MPEG-TS)" ? new ByteArrayContent(await Sample.Value) : Content(Fill(example.Body)) };
        if (CookieOf(example.Who) is { } cookie)
        {
            request.Headers.TryAddWithoutValidation("Cookie", cookie);
        }
        else if (example.Who == "program")
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {_key}");
        }

        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return answer.StatusCode is >= HttpStatusCode.OK and < HttpStatusCode.BadRequest
            ? null
            : $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
    }

    /// <summary>A feed that goes on, and then what there is of it.</summary>
    private async Task<string?> KeyframeAsync(Uri relay, Uri target)
    {
        using var client = new HttpClient();
        using var feed = new EndlessFeed(await Sample.Value);
        var pushing = client.PostAsync(new Uri(relay, Fill("/{stream_key}/{xres}/{yres}/")), feed);
        await Eventually.TrueAsync(async () =>
        {
            using var answer = await client.GetAsync(target);
            return answer.StatusCode == HttpStatusCode.OK;
        });
        feed.End();
        using var pushed = await pushing;
        return null;
    }

    private static async Task<byte[]> MakeSampleAsync()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("sample.ts");
        await ChildProcess.RunAsync(
            "ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25", "-frames:v", "30", "-g", "10", "-c:v", "mpeg1video", "-bf", "0", file]);
        return await File.ReadAllBytesAsync(file);
    }

    private static bool IsOfRelay(HttpExample example) => example.Path.StartsWith("/{handle}", StringComparison.Ordinal);

    private static StringContent? Content(string body) => body switch
    {
        "" => null,
        ['{', ..] => new StringContent(body, Encoding.UTF8, "application/json"),
        _ => new StringContent(body, Encoding.UTF8, "application/x-www-form-urlencoded"),
    };

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A body that stays open behind what it has sent, as an encoder's does.</summary>
    private sealed class EndlessFeed(byte[] sample) : HttpContent
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void End() => _ended.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(sample);
            await stream.FlushAsync();
            await _ended.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Placeholder();
}
