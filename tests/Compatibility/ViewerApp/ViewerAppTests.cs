using System.Text.Json;

using LiveRobot.Compatibility.SocketIO;
using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Moderation;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.Compatibility.ViewerApp;

/// <summary>The whole story of somebody with the existing viewer app: its exact requests and events, and one connection for all of them.</summary>
public sealed class ViewerAppTests
{
    private const string Password = "Correct horse 1";

    /// <summary>A movement may be late: the machine is busy.</summary>
    private static readonly Dictionary<string, string?> Patient = new() { ["Control:StartGuard"] = "00:00:00", ["Control:MaxCommandAge"] = "00:00:30", ["Chat:UsersInterval"] = "00:00:00.100" };

    [Fact]
    public async Task The_existing_viewer_app_signs_in_lists_robots_opens_one_drives_chats_and_moderates()
    {
        await using var platform = await WholePlatform.StartAsync(Patient);
        var rover = await platform.Get<RobotDirectory>().AddAsync("Rover", "olga");
        await using var robot = await RobotAsync(platform, "Control", "robot_id", rover);
        await using var robotsChat = await RobotAsync(platform, "Chat", "identify_robot_id", rover);
        await using var robotsStatus = await RobotAsync(platform, "Status", "identify_robot_id", rover);
        await using var app = ScriptedClient.ViewerApp(platform.Address("Api").ToString().TrimEnd('/'));

        // It starts, and its user signs up.
        Assert.False((await GetAsync(app, "/mobile/config.json")).GetProperty("forcedUpdate").GetProperty("enabled").GetBoolean());
        Assert.Equal(JsonValueKind.Array, (await GetAsync(app, "/api/v1/products")).ValueKind);
        Assert.Equal("bob", (await PostAsync(app, "/api/v1/register", new { username = "bob", password = Password, email = "bob@example.org" })).GetProperty("user").GetProperty("username").GetString());
        await app.PostAsync("/api/v1/authenticate", new { username = "bob", password = "Wrong horse 1" });
        Assert.Equal("Unauthorized", (await app.SeeAsync("answer"))[2].GetString());
        Assert.Equal("bob", (await PostAsync(app, "/api/v1/authenticate", new { username = "bob", password = Password })).GetProperty("user").GetProperty("username").GetString());
        Assert.Equal("bob", (await GetAsync(app, "/api/v1/accounts")).GetProperty("username").GetString());

        // It lists the robots and connects to the port that it is told; nothing is asked for, and the states come.
        var start = await GetAsync(app, "/internal");
        var listed = Assert.Single(start.GetProperty("robots").EnumerateArray());
        Assert.Equal("Rover", listed.GetProperty("name").GetString());
        Assert.Equal("bob", start.GetProperty("user").GetProperty("username").GetString());
        await app.ConnectAsync(start.GetProperty("socket_io_messaging_to_web_client_port").GetInt32());
        await app.SeeAsync("connect");
        await app.SeeAsync("upgrade");
        await app.SeeAsync("robot_statuses", seen => Statuses(seen).Any(status => status.GetProperty("robot_id").GetString() == "rover"));
        await robotsStatus.EmitAsync("send_video_status", new { send_video_process_exists = true, camera_id = rover.Cameras[0].CameraId });
        await app.SeeAsync("robot_statuses", seen => Statuses(seen).Any(status => status.GetProperty("status").GetString() == "online"));

        // It opens one: the page of it, then the event.
        var handle = listed.GetProperty("id").GetString()!;
        var page = (await GetAsync(app, $"/internal/robot/{handle}")).GetProperty("robot");
        await app.EmitAsync("select_robot", new { robot_id = handle });
        await app.SeeAsync("num_viewers", seen => seen[0].GetInt32() == 1);
        Assert.Equal("image/jpeg", (await ThumbnailAsync(app, handle))[1].GetString());

        // It drives: down, down again while the finger is there, and up.
        var button = page.GetProperty("panels")[0].GetProperty("button_panels")[0].GetProperty("buttons")[0];
        Assert.Equal("F", button.GetProperty("command").GetString());
        await app.EmitAsync("command_to_robot", Command(handle, button, "down"));
        await app.EmitAsync("command_to_robot", Command(handle, button, "down"));

        // Told ten times a second at most: a shorter press might not be seen.
        await app.SeeAsync("aggregate_color_change", seen => seen[0].GetProperty("command").GetString() == "F");
        await app.EmitAsync("command_to_robot", Command(handle, button, "up"));
        var obeyed = await robot.WaitForAsync("command_to_robot", said => said.GetProperty("key_position").GetString() == "down");
        Assert.Equal((rover.RobotId, "F", "bob", false), (obeyed.GetProperty("robot_id").GetString(), obeyed.GetProperty("command").GetString(), obeyed.GetProperty("user").GetString(), obeyed.GetProperty("anonymous").GetBoolean()));
        await robot.WaitForAsync("command_to_robot", said => said.GetProperty("key_position").GetString() == "up");
        Assert.Equal(handle, (await app.SeeAsync("robot_command_has_hit_webserver"))[0].GetProperty("robot_id").GetString());
        await app.SeeAsync("aggregate_color_change", seen => seen[0].GetProperty("command").GetString() == "stop");

        // It chats, follows the robot and takes a picture of it.
        await app.EmitAsync("chat_message", new { message = "[Rover] Gr\u00fc\u00dfe", robot_name = "Rover", robot_id = handle, secret = start.GetProperty("chat_secret").GetString() });
        var said = (await app.SeeAsync("chat_message_with_name"))[0];
        Assert.Equal(("bob", "[Rover] Gr\u00fc\u00dfe", "olga", false), (said.GetProperty("name").GetString(), said.GetProperty("message").GetString(), said.GetProperty("room").GetString(), said.GetProperty("anonymous").GetBoolean()));
        Assert.Equal("[Rover] Gr\u00fc\u00dfe", (await robotsChat.WaitForAsync("chat_message_with_name")).GetProperty("message").GetString());
        Assert.Equal("[Rover] Gr\u00fc\u00dfe", Assert.Single((await GetAsync(app, "/internal")).GetProperty("chat_messages").EnumerateArray()).GetProperty("message").GetString());
        Assert.Equal(handle, (await PostAsync(app, "/api/v1/accounts/subscribe", new { robot_id = handle })).GetProperty("robot_id").GetString());
        Assert.True((await app.SeeAsync("subscription_state_change"))[0].GetProperty("subscribed").GetBoolean());
        var image = $"data:image/jpeg;base64,{Convert.ToBase64String([0xFF, 0xD8, 0xFF, 0xE0, 0, 0, 0xFF, 0xD9])}";
        Assert.Equal("A cat", (await PostAsync(app, "/api/v1/snapshots", new { image, robot_id = handle, robot_name = "Rover", username = "bob", caption = "A cat" })).GetProperty("caption").GetString());
        Assert.Equal("A cat", (await app.SeeAsync("new_snapshot"))[0].GetProperty("snapshot").GetProperty("caption").GetString());
        Assert.Equal("A cat", (await GetAsync(app, $"/api/v1/snapshots/robot/{handle}")).GetProperty("snapshots")[0].GetProperty("caption").GetString());

        await ModerateAsync(platform, app, rover);

        // The robot charges; the app hears of it. Nothing that it heard named the robot-id.
        await robotsStatus.EmitAsync("charge_state", new { robot_id = rover.RobotId, charging = true });
        Assert.True((await app.SeeAsync("charge_state"))[0].GetProperty("charging").GetBoolean());
        Assert.DoesNotContain(app.History, seen => seen.ToString().Contains(rover.RobotId, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_finger_whose_app_is_gone_lets_the_robot_go()
    {
        await using var platform = await WholePlatform.StartAsync(Patient);
        var rover = await platform.Get<RobotDirectory>().AddAsync("Rover", "olga");
        await using var robot = await RobotAsync(platform, "Control", "robot_id", rover);
        await using var app = ScriptedClient.ViewerApp(platform.Address("Api").ToString().TrimEnd('/'));
        await app.ConnectAsync(platform.Address("User").Port);
        await app.SeeAsync("upgrade");
        await app.EmitAsync("select_robot", new { robot_id = "rover" });
        await app.EmitAsync("command_to_robot", new { command = "F", _id = "rover", key_position = "down", robot_id = "rover", robot_name = "Rover", command_id = "", premium = false });
        var obeyed = await robot.WaitForAsync("command_to_robot");
        Assert.True(obeyed.GetProperty("anonymous").GetBoolean());

        // Who has not signed in has one name, but for robots: where they press keys and where they speak.
        Assert.Equal("", obeyed.GetProperty("user").GetString());
        var pressed = (await app.SeeAsync("robot_command_has_hit_webserver"))[0].GetProperty("user").GetString();
        await app.EmitAsync("chat_message", new { message = "[Rover] hello", robot_name = "Rover", robot_id = "rover", secret = "" });
        Assert.Equal(pressed, (await app.SeeAsync("chat_message_with_name"))[0].GetProperty("name").GetString());

        app.Kill();

        await robot.WaitForAsync("command_to_robot", said => said.GetProperty("command").GetString() == "stop");
    }

    /// <summary>
    /// The owner names the app's user a moderator; then they own a robot, and at last they are an administrator. Against
    /// each, somebody speaks whom nobody knows, or has an account.
    /// </summary>
    private static async Task ModerateAsync(WholePlatform platform, ScriptedClient app, Robot rover)
    {
        var (accounts, bans) = (platform.Get<AccountDirectory>(), platform.Get<BanDirectory>());
        var bob = (await accounts.FindAsync("bob"))!;
        await platform.Get<Moderators>().AddAsync(rover, bob, "olga");
        var moderatesFor = (await GetAsync(app, "/internal")).GetProperty("user").GetProperty("moderates_for").EnumerateArray().Select(name => name.GetString());
        Assert.Equal(["bob", "olga"], moderatesFor);
        await using var troll = await SocketIOPeer.ConnectAsync(platform.Address("User"));
        await troll.AskAsync("select_robot", new { robot_id = rover.Handle });
        await app.SeeAsync("channel_users_list", seen => seen[0].TryGetProperty("olga", out var room)
            && room.TryGetProperty("anonymous", out var others) && others.GetProperty("user").GetProperty("username").GetString() == "1 anonymous"
            && room.GetProperty("bob").GetProperty("user").GetProperty("moderator").GetBoolean());
        var rubbish = (await troll.AskAsync("chat_message", new { message = "rubbish" })).GetProperty("_id").GetString();
        var name = (await app.SeeAsync("chat_message_with_name", seen => seen[0].GetProperty("message").GetString() == "[Rover] rubbish"))[0].GetProperty("name").GetString();

        await app.EmitAsync("timeoutUser", new { username = name, robot_id = rover.Handle, robot_name = "Rover" });
        Assert.Equal(rubbish, (await app.SeeAsync("message_removed"))[0].GetProperty("message_id").GetString());
        Assert.Equal(("olga", name), News(await app.SeeAsync("user_timeout")));
        await Eventually.TrueAsync(() => !troll.IsConnected);
        await app.EmitAsync("blockUserForRobocaster", new { username = name, robot_id = rover.Handle, robot_name = "Rover" });
        Assert.Equal(("olga", name), News(await app.SeeAsync("user_blocked")));
        Assert.Null(Assert.Single(await bans.ListAsync(BanScope.OfRobot(rover.Handle))).Until);

        await platform.Get<RobotDirectory>().AddAsync("Mine", "bob");
        await platform.SignInAsync("mallory");
        await app.EmitAsync("blockUser", "mallory");
        Assert.Equal(("bob", "mallory"), News(await app.SeeAsync("user_blocked")));
        await app.EmitAsync("globalBlockUser", "mallory");
        Assert.True(await accounts.SetAdministratorAsync(bob, isAdministrator: true));

        // Its socket hears of that a moment later.
        await Eventually.TrueAsync(async () =>
        {
            await app.EmitAsync("globalBlockUser", "mallory");
            return (await bans.ListAsync(BanScope.Site)).Count == 1;
        });
        Assert.Equal("bob", Assert.Single(await bans.ListAsync(BanScope.Site)).MadeBy);
    }

    private static (string?, string?) News(JsonElement seen) => (seen[0].GetProperty("room").GetString(), seen[0].GetProperty("username").GetString());

    private static object Command(string handle, JsonElement button, string position) => new
    {
        command = button.GetProperty("command").GetString(),
        _id = handle,
        key_position = position,
        timestamp = "2017-07-09T12:00:00.000Z",
        robot_id = handle,
        robot_name = "Rover",
        command_id = button.GetProperty("_id").GetString(),
        premium = button.GetProperty("premium").GetBoolean(),
        user = "somebody else",
    };

    private static async Task<SocketIOPeer> RobotAsync(WholePlatform platform, string port, string name, Robot robot)
    {
        var socket = await SocketIOPeer.ConnectAsync(platform.Address(port), engineIOVersion: 3);
        Assert.True((await socket.AskAsync(name, robot.RobotId)).GetProperty("ok").GetBoolean());
        return socket;
    }

    private static JsonElement.ArrayEnumerator Statuses(JsonElement seen) => seen[0].GetProperty("robot_statuses").EnumerateArray();

    private static async Task<JsonElement> GetAsync(ScriptedClient app, string path)
    {
        await app.GetAsync(path);
        return Json(path, await app.SeeAsync("answer"));
    }

    private static async Task<JsonElement> PostAsync(ScriptedClient app, string path, object form)
    {
        await app.PostAsync(path, form);
        return Json(path, await app.SeeAsync("answer"));
    }

    private static async Task<JsonElement> ThumbnailAsync(ScriptedClient app, string handle)
    {
        await app.GetAsync($"/images/thumbnails/{handle}.jpg");
        return await app.SeeAsync("answer");
    }

    private static JsonElement Json(string path, JsonElement answer)
    {
        Assert.True(answer[0].GetInt32() == 200, $"{path}: {answer}");
        return answer[2];
    }
}
