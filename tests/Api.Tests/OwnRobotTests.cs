using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.Api.Tests;

/// <summary>What owners do with their robots, and what others try to do with them.</summary>
public sealed class OwnRobotTests(ApiFixture api) : IClassFixture<ApiFixture>, IAsyncLifetime
{
    private const string Password = "correct horse";

    private readonly ServiceHost _host = api.Host;
    private readonly string _malloryName = ApiFixture.NewName("mallory");
    private Browser _alice = null!;
    private Browser _mallory = null!;
    private Robot _robot = null!;

    private string Path => $"/api/v1/robots/{_robot.Handle}";

    public async ValueTask InitializeAsync()
    {
        var name = ApiFixture.NewName("alice");
        (_alice, _mallory) = (new Browser(_host), new Browser(_host));
        await _alice.SignUpAsync(name, Password);
        await _mallory.SignUpAsync(_malloryName, Password);
        _robot = await _host.Robots.AddAsync("Rover", name);
    }

    public ValueTask DisposeAsync()
    {
        _alice.Dispose();
        _mallory.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Who_has_signed_in_adds_a_robot_and_reads_its_credentials()
    {
        using var added = await _alice.PostAsync("/api/v1/robots", new { name = "Second Rover", visibility = "unlisted" });
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        var handle = (await JsonAsync(added)).GetProperty("handle").GetString()!;

        var credentials = await _alice.JsonAsync($"/api/v1/robots/{handle}/credentials");

        var robotId = credentials.GetProperty("robot_id").GetString()!;
        Assert.Equal(handle, (await _host.Robots.FindByRobotIdAsync(robotId))?.Handle);
        var streamKey = credentials.GetProperty("cameras")[0].GetProperty("stream_key").GetString()!;
        Assert.Equal(handle, (await _host.Robots.FindCameraByStreamKeyAsync(streamKey))?.Handle);
        Assert.Contains(
            handle,
            (await _alice.JsonAsync("/api/v1/account/robots")).GetProperty("robots").EnumerateArray().Select(robot => robot.GetProperty("handle").GetString()));
    }

    [Fact]
    public async Task The_fourth_robot_of_an_account_that_may_have_three_is_refused()
    {
        using var second = await _alice.PostAsync("/api/v1/robots", new { name = "Second" });
        using var third = await _alice.PostAsync("/api/v1/robots", new { name = "Third" });
        using var fourth = await _alice.PostAsync("/api/v1/robots", new { name = "Fourth" });

        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.Created, HttpStatusCode.Conflict], new[] { second.StatusCode, third.StatusCode, fourth.StatusCode });
    }

    /// <summary>As the LetsRobot client and the community's scripts write settings: an API key, partial, booleans as texts too.</summary>
    [Fact]
    public async Task Existing_clients_write_settings_with_an_API_key()
    {
        using var program = await ProgramAsync(_alice);

        using var answer = await program.PostAsync($"/api/v1/robots/{_robot.RobotId}", new Dictionary<string, object>
        {
            ["anonymous_control"] = false,
            ["public"] = "false",
            ["dev_mode"] = "true",
            ["mic_enabled"] = "False",
            ["global_chat"] = "false",
            ["profanity_filter"] = true,
            ["show_exclusive"] = "false",
            ["mute_text-to-speech"] = "true",
            ["xres"] = "768",
            ["yres"] = 432,
            ["something_of_theirs"] = 7,
        });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        var settings = await program.JsonAsync($"/api/v1/robots/{_robot.RobotId}");
        var read = new[] { "anonymous_control", "allow_anonymous_control", "public", "dev_mode", "mic_enabled", "non_global_chat", "profanity_filter", "no_exclusive_control_button", "mute_text-to-speech" }
            .Select(key => settings.GetProperty(key).GetBoolean());
        Assert.Equal([false, false, false, true, false, true, true, true, true], read);
        Assert.Equal((768, 432), (settings.GetProperty("xres").GetInt32(), settings.GetProperty("yres").GetInt32()));
        Assert.Equal("Rover", settings.GetProperty("robot_name").GetString());
        Assert.Equal(_robot.RobotId, settings.GetProperty("robot_id").GetString());
        Assert.False(settings.TryGetProperty("something_of_theirs", out _));
    }

    /// <summary>As the existing viewer app does it (Alamofire's nested keys): one form for all robots, booleans as 1 and 0, fields in any order.</summary>
    [Fact]
    public async Task The_existing_viewer_app_saves_all_its_robots_at_once()
    {
        var second = await _host.Robots.AddAsync("Second", _robot.Owner);
        using var form = new StringContent(
            $"robots[][mute]=1&robots[][public]=0&robots[][robot_name]=Rover&robots[][robot_id]={_robot.Handle}&robots[][owner]={_robot.Owner}"
            + $"&robots%5B%5D%5Brobot_name%5D=Zw%C3%B6lf+%26+Co&robots%5B%5D%5Bmute%5D=0&robots[][robot_id]={second.RobotId}&robots[][dev_mode]=1&other=7",
            Encoding.UTF8,
            "application/x-www-form-urlencoded");

        using var answer = await _alice.SendAsync(HttpMethod.Post, "/api/v1/accounts/robots", form);

        Assert.Equal("{}", await answer.Content.ReadAsStringAsync());
        var (one, other) = ((await _host.Robots.FindByHandleAsync(_robot.Handle))!, (await _host.Robots.FindByHandleAsync(second.Handle))!);
        Assert.Equal((true, Visibility.Unlisted, false, "Rover"), (one.MuteTextToSpeech, one.Visibility, one.DevMode, one.Name));
        Assert.Equal((false, Visibility.Public, true, "Zwölf & Co"), (other.MuteTextToSpeech, other.Visibility, other.DevMode, other.Name));
    }

    [Theory]
    [InlineData("robots[][robot_id]={mine}&robots[][mute]=1&robots[][robot_id]={theirs}&robots[][mute]=1", HttpStatusCode.NotFound)]
    [InlineData("robots[][robot_id]={mine}&robots[][mute]=1&robots[][robot_id]=12345678901234567890", HttpStatusCode.NotFound)]
    [InlineData("robots[][robot_id]={mine}&robots[][mute]=1&robots[][robot_id]={their id}&robots[][mute]=1", HttpStatusCode.NotFound)]
    [InlineData("robots[][robot_id]={mine}&robots[][mute]=1&robots[][mute]=1", HttpStatusCode.NotFound)]
    [InlineData("robots[][robot_id]={mine}&robots[][mute]=1&robots[][public]=2", HttpStatusCode.BadRequest)]
    [InlineData("robots[][robot_id]={mine}&robots[][mute]=1&robots[][robot_name]=", HttpStatusCode.BadRequest)]
    public async Task Of_robots_saved_at_once_all_are_changed_or_none(string fields, HttpStatusCode status)
    {
        var theirs = await _host.Robots.AddAsync("Theirs", _malloryName);
        using var form = new StringContent(
            fields.Replace("{mine}", _robot.Handle, StringComparison.Ordinal).Replace("{theirs}", theirs.Handle, StringComparison.Ordinal)
                .Replace("{their id}", theirs.RobotId, StringComparison.Ordinal),
            Encoding.UTF8,
            "application/x-www-form-urlencoded");

        using var answer = await _alice.SendAsync(HttpMethod.Post, "/api/v1/accounts/robots", form);

        Assert.Equal(status, answer.StatusCode);
        Assert.NotEmpty((await JsonAsync(answer)).GetProperty("error").GetString()!);
        Assert.False((await _host.Robots.FindByHandleAsync(_robot.Handle))!.MuteTextToSpeech);
        Assert.False((await _host.Robots.FindByHandleAsync(theirs.Handle))!.MuteTextToSpeech);
    }

    [Fact]
    public async Task A_change_is_told_to_the_robots_services_at_once()
    {
        var told = new List<string>();
        using var subscription = _host.Get<IBus>().Subscribe<RobotSettingsChanged>(changed => told.Add(changed.Handle));

        using var answer = await _alice.PostAsync(Path, new { robot_name = "New Name" });

        await Eventually.TrueAsync(() => told.Contains(_robot.Handle));
        Assert.Equal("New Name", (await _host.Robots.FindByHandleAsync(_robot.Handle))?.Name);
    }

    [Theory]
    [InlineData("{\"mic_enabled\":\"yes\"}", "mic_enabled")]
    [InlineData("{\"mic_enabled\":null}", "mic_enabled")]
    [InlineData("{\"xres\":15}", "xres")]
    [InlineData("{\"yres\":7681}", "yres")]
    [InlineData("{\"xres\":1e99}", "xres")]
    [InlineData("{\"robot_name\":7}", "robot_name")]
    [InlineData("{\"robot_name\":\"a]b\"}", "name")]
    [InlineData("{\"robot_description\":\"a\\u0000b\"}", "description")]
    [InlineData("{\"robot_name\":\"\\ud800\"}", "JSON")]
    [InlineData("{\"release\":\"maybe\"}", "release")]
    [InlineData("{\"drive\":\"nobody\"}", "drive")]
    [InlineData("{\"drivers\":[\"no one\"]}", "drivers[0]")]
    [InlineData("{\"drivers\":[\"nobody\"]}", "drivers")]
    [InlineData("{\"visibility\":\"2\"}", "visibility")]
    [InlineData("{\"bare_robot_id\":\"on\"}", "bare_robot_id")]
    [InlineData("{\"bare_robot_id_networks\":\"10.0.0.0/8\"}", "bare_robot_id_networks")]
    [InlineData("{\"bare_robot_id_networks\":[\"10.0.0.0/8\",\"10.0.0.1\"]}", "bare_robot_id_networks[1]")]
    [InlineData("{\"bare_robot_id_networks\":[\"10.0.0.0/33\"]}", "bare_robot_id_networks[0]")]
    [InlineData("{\"button_panels\":\"[{\"}", "button_panels")]
    [InlineData("{\"button_panels\":[{\"buttons\":[{\"command\":\"F\"},{\"label\":\"x\"}]}]}", "button_panels[0].buttons[1].command")]
    [InlineData("{\"panels\":[{\"button_panels\":[{},{\"buttons\":[]}]}]}", "button_panels[0].buttons")]
    [InlineData("[]", "object")]
    [InlineData("{", "JSON")]
    public async Task A_wrong_setting_is_refused_by_its_place_and_nothing_is_changed(string body, string place)
    {
        using var content = new StringContent(body.StartsWith("{\"", StringComparison.Ordinal) ? $$"""{"anonymous_control":false,{{body[1..]}}""" : body, Encoding.UTF8, "application/json");

        using var answer = await _alice.SendAsync(HttpMethod.Post, Path, content);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(place, (await JsonAsync(answer)).GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.True((await _host.Robots.FindByHandleAsync(_robot.Handle))!.AnonymousControl);
    }

    [Fact]
    public async Task A_key_of_the_place_is_in_the_error_also_for_panels_in_a_text()
    {
        using var answer = await _alice.PostAsync(Path, new { panels = """[{"button_panels":[{"buttons":[{"command":"F","color":"red"}]}]}]""" });

        Assert.Equal("button_panels[0].buttons[0].color: a colour is #rrggbb.", (await JsonAsync(answer)).GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Panels_are_taken_as_existing_scripts_send_them_and_wait_while_they_are_off()
    {
        using var answer = await _alice.PostAsync(Path, new
        {
            custom_panels = "true",
            panels = """[{"button_panels":[{"button_panel_label":"Lights","buttons":{"label":"On","command":"LED_FULL","premium":false,"price":0}}]}]""",
        });

        var panel = Assert.Single((await JsonAsync(answer)).GetProperty("button_panels").EnumerateArray());
        Assert.Equal("LED_FULL", panel.GetProperty("buttons")[0].GetProperty("command").GetString());

        using var off = await _alice.PostAsync(Path, new { custom_panels = false });
        Assert.Contains("\"F\"", (await JsonAsync(off)).GetProperty("button_panels").GetRawText(), StringComparison.Ordinal);
        using var on = await _alice.PostAsync(Path, new { custom_panels = true });
        Assert.Contains("LED_FULL", (await JsonAsync(on)).GetProperty("button_panels").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replaced_credentials_are_worth_nothing_and_their_sockets_are_told()
    {
        var bus = _host.Get<IBus>();
        var (ids, keys) = (new List<string>(), new List<int>());
        using var idsReplaced = bus.Subscribe<RobotAccessChanged>(replaced => ids.Add(replaced.Handle));
        using var keysReplaced = bus.Subscribe<StreamKeyReplaced>(replaced => keys.Add(replaced.CameraId));
        var camera = _robot.Cameras[0].CameraId;
        var oldKey = await _host.Robots.StreamKeyAsync(camera);

        using var newId = await _alice.PostAsync($"{Path}/credentials/robot-id", new { });
        using var newKey = await _alice.PostAsync($"{Path}/cameras/{camera}/stream-key", new { });

        Assert.Null(await _host.Robots.FindByRobotIdAsync(_robot.RobotId));
        Assert.Null(await _host.Robots.FindCameraByStreamKeyAsync(oldKey));
        Assert.NotNull(await _host.Robots.FindByRobotIdAsync((await JsonAsync(newId)).GetProperty("robot_id").GetString()!));
        Assert.NotNull(await _host.Robots.FindCameraByStreamKeyAsync((await JsonAsync(newKey)).GetProperty("stream_key").GetString()!));
        await Eventually.TrueAsync(() => ids.Contains(_robot.Handle) && keys.Contains(camera));
    }

    [Fact]
    public async Task A_robot_has_one_to_eight_cameras()
    {
        using var last = await _alice.SendAsync(HttpMethod.Delete, $"{Path}/cameras/{_robot.Cameras[0].CameraId}");
        Assert.Equal(HttpStatusCode.Conflict, last.StatusCode);
        for (var number = 2; number <= 8; number++)
        {
            using var added = await _alice.PostAsync($"{Path}/cameras", new { });
            Assert.Equal(HttpStatusCode.OK, added.StatusCode);
        }

        using var ninth = await _alice.PostAsync($"{Path}/cameras", new { });
        Assert.Equal(HttpStatusCode.Conflict, ninth.StatusCode);
        using var first = await _alice.SendAsync(HttpMethod.Delete, $"{Path}/cameras/{_robot.Cameras[0].CameraId}");
        Assert.Equal(HttpStatusCode.NoContent, first.StatusCode);
        Assert.Equal(7, (await _host.Robots.FindByHandleAsync(_robot.Handle))!.Cameras.Count);
    }

    [Fact]
    public async Task A_deleted_robot_opens_nothing()
    {
        using var deleted = await _alice.SendAsync(HttpMethod.Delete, Path);

        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, await _alice.StatusAsync(Path));
        Assert.Null(await _host.Robots.FindByRobotIdAsync(_robot.RobotId));
        Assert.Null(await _host.Robots.FindCameraAsync(_robot.Cameras[0].CameraId));
    }

    [Fact]
    public async Task A_shared_private_robot_is_seen_with_the_token_alone_until_that_is_withdrawn()
    {
        using var changed = await _alice.PostAsync(Path, new { visibility = "private" });
        Assert.Equal(HttpStatusCode.NotFound, await _mallory.StatusAsync(Path));
        Assert.Equal(HttpStatusCode.OK, await _alice.StatusAsync(Path));

        using var shared = await _alice.PostAsync($"{Path}/viewing-tokens", new { days = 7 });
        var token = (await JsonAsync(shared)).GetProperty("token").GetString();

        var link = $"{Path}?token={Uri.EscapeDataString(token!)}";
        Assert.Equal(HttpStatusCode.OK, await _mallory.StatusAsync(link));

        using var withdrawn = await _alice.SendAsync(HttpMethod.Delete, $"{Path}/viewing-tokens");
        Assert.Equal(HttpStatusCode.NoContent, withdrawn.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, await _mallory.StatusAsync(link));
    }

    [Fact]
    public async Task A_token_for_spectators_opens_a_private_robot_until_it_is_withdrawn()
    {
        using var changed = await _alice.PostAsync(Path, new { visibility = "private" });
        using var shared = await _alice.PostAsync($"{Path}/viewing-tokens", new { days = 7, spectator = true });
        var token = (await JsonAsync(shared)).GetProperty("token").GetString()!;
        Assert.True(ViewingTokens.IsForSpectators(token));
        Assert.Equal(HttpStatusCode.OK, await _mallory.StatusAsync($"{Path}?token={token}"));

        using var withdrawn = await _alice.SendAsync(HttpMethod.Delete, $"{Path}/viewing-tokens");

        Assert.Equal(HttpStatusCode.NotFound, await _mallory.StatusAsync($"{Path}?token={token}"));
    }

    [Theory]
    [InlineData("POST", "")]
    [InlineData("DELETE", "")]
    [InlineData("GET", "/credentials")]
    [InlineData("POST", "/credentials/robot-id")]
    [InlineData("POST", "/credentials/robot-token")]
    [InlineData("POST", "/pairing-codes")]
    [InlineData("POST", "/cameras")]
    [InlineData("DELETE", "/cameras/{camera}")]
    [InlineData("POST", "/cameras/{camera}/stream-key")]
    [InlineData("POST", "/viewing-tokens")]
    [InlineData("DELETE", "/viewing-tokens")]
    public async Task Only_its_owner_does_anything_with_a_robot(string method, string path)
    {
        path = path.Replace("{camera}", $"{_robot.Cameras[0].CameraId}", StringComparison.Ordinal);
        using var stranger = new Browser(_host);
        using var program = await ProgramAsync(_mallory);
        var before = await StateAsync();

        foreach (var (who, statuses) in new (Browser, HttpStatusCode[])[]
                 {
                     (stranger, [HttpStatusCode.Unauthorized]),
                     (_mallory, [HttpStatusCode.Forbidden]),
                     (program, [HttpStatusCode.Forbidden]),
                 })
        {
            using var answer = await who.SendAsync(new HttpMethod(method), $"{Path}{path}", JsonContent.Create(new { days = 1, robot_name = "Mine" }));
            Assert.Contains(answer.StatusCode, statuses);
            Assert.DoesNotContain(_robot.RobotId, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(before, await StateAsync());
    }

    /// <summary>The protocol gives a robot nothing else to prove itself with, so many hold its robot-id: what it must never open.</summary>
    [Theory]
    [InlineData("POST", "/api/v1/robots/{0}")]
    [InlineData("DELETE", "/api/v1/robots/{0}")]
    [InlineData("GET", "/api/v1/robots/{0}/credentials")]
    public async Task A_bare_robot_id_grants_no_writing_and_no_secret(string method, string path)
    {
        using var robot = new Browser(_host) { Headers = { ["Authorization"] = $"Bearer {_robot.RobotId}" } };

        using var answer = await robot.SendAsync(
            new HttpMethod(method), path.Replace("{0}", _robot.RobotId, StringComparison.Ordinal), JsonContent.Create(new { robot_name = "Mine" }));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task Who_writes_settings_does_not_learn_by_the_answer_which_robot_ids_there_are()
    {
        using var program = await ProgramAsync(_mallory);
        foreach (var who in new[] { _mallory, program })
        {
            using var known = await who.PostAsync($"/api/v1/robots/{_robot.RobotId}", new { robot_name = "Mine" });
            using var unknown = await who.PostAsync("/api/v1/robots/12345678901234567890", new { robot_name = "Mine" });

            Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (known.StatusCode, unknown.StatusCode));
            Assert.Equal((await JsonAsync(unknown)).GetProperty("detail").GetString(), (await JsonAsync(known)).GetProperty("detail").GetString());
        }

        Assert.Equal("Rover", (await _host.Robots.FindByHandleAsync(_robot.Handle))!.Name);
    }

    [Fact]
    public async Task What_is_for_the_owner_is_not_in_what_others_read()
    {
        using var changed = await _alice.PostAsync(Path, new { drive = "named", drivers = new[] { _malloryName } });
        Assert.Equal(_malloryName, (await _alice.JsonAsync(Path)).GetProperty("drivers")[0].GetString());

        foreach (var path in new[] { Path, $"/api/v1/robots/{_robot.RobotId}" })
        {
            Assert.False((await _mallory.JsonAsync(path)).TryGetProperty("drivers", out _));
        }
    }

    [Fact]
    public async Task Who_is_on_the_access_list_of_a_button_its_owner_reads_and_others_only_whether_they_are()
    {
        var bobName = ApiFixture.NewName("bob");
        using var bob = new Browser(_host) { Cookie = await _host.SignInAsync(bobName) };
        using var stranger = new Browser(_host);
        using var changed = await _alice.PostAsync(Path, new { button_panels = new[] { new { buttons = new object[] { new { command = "F" }, new { command = "LED", access = new[] { bobName.ToUpperInvariant() } } } } } });

        Assert.Equal(bobName.ToUpperInvariant(), (await ButtonAsync(_alice, 1)).GetProperty("access")[0].GetString());
        foreach (var (who, may) in new[] { (bob, true), (_mallory, false), (stranger, false) })
        {
            var button = await ButtonAsync(who, 1);
            Assert.Equal((false, may), (button.TryGetProperty("access", out _), button.GetProperty("may_press").GetBoolean()));
            Assert.False((await ButtonAsync(who, 0)).TryGetProperty("may_press", out _));
            Assert.DoesNotContain(bobName.ToUpperInvariant(), (await who.JsonAsync($"/internal/robot/{_robot.Handle}")).GetRawText(), StringComparison.Ordinal);
        }

        async Task<JsonElement> ButtonAsync(Browser who, int number) =>
            (await who.JsonAsync(Path)).GetProperty("button_panels")[0].GetProperty("buttons")[number];
    }

    [Fact]
    public async Task An_API_key_changes_settings_but_reads_no_credentials_and_adds_and_deletes_no_robot()
    {
        using var program = await ProgramAsync(_alice);

        Assert.Equal(HttpStatusCode.Forbidden, await program.StatusAsync($"{Path}/credentials"));
        using var added = await program.PostAsync("/api/v1/robots", new { name = "Another" });
        using var deleted = await program.SendAsync(HttpMethod.Delete, Path);
        Assert.Equal([HttpStatusCode.Forbidden, HttpStatusCode.Forbidden], new[] { added.StatusCode, deleted.StatusCode });
    }

    [Theory]
    [InlineData(20, HttpStatusCode.OK)]
    [InlineData(21, HttpStatusCode.BadRequest)]
    public async Task A_robot_has_at_most_20_panels(int count, HttpStatusCode status)
    {
        using var answer = await _alice.PostAsync(
            Path, new { button_panels = Enumerable.Range(0, count).Select(_ => new { buttons = Array.Empty<object>() }) });

        Assert.Equal(status, answer.StatusCode);
    }

    [Theory]
    [InlineData(20, HttpStatusCode.OK)]
    [InlineData(21, HttpStatusCode.BadRequest)]
    public async Task A_bare_robot_id_is_accepted_from_at_most_20_networks(int count, HttpStatusCode status)
    {
        using var answer = await _alice.PostAsync(
            Path, new { bare_robot_id_networks = Enumerable.Range(0, count).Select(number => $"10.{number}.0.0/16") });

        Assert.Equal(status, answer.StatusCode);
    }

    [Theory]
    [InlineData(50, 50, 100, HttpStatusCode.OK)]
    [InlineData(51, 50, 100, HttpStatusCode.BadRequest)]
    [InlineData(50, 51, 100, HttpStatusCode.BadRequest)]
    [InlineData(50, 50, 101, HttpStatusCode.BadRequest)]
    public async Task A_panel_has_at_most_50_buttons_with_labels_of_50_and_commands_of_100_characters(int count, int label, int command, HttpStatusCode status)
    {
        var buttons = Enumerable.Range(0, count).Select(_ => new { label = new string('l', label), command = new string('c', command), cooldown = 3_600, access = new[] { _malloryName } });

        using var answer = await _alice.PostAsync(Path, new { button_panels = new[] { new { button_panel_label = new string('p', 50), buttons } } });

        Assert.Equal(status, answer.StatusCode);
    }

    [Theory]
    [InlineData(100, HttpStatusCode.OK)]
    [InlineData(101, HttpStatusCode.BadRequest)]
    public async Task A_button_has_at_most_100_names_on_its_access_list_and_a_robot_100_drivers(int count, HttpStatusCode status)
    {
        var names = Enumerable.Repeat(_malloryName, count).ToArray();

        using var drivers = await _alice.PostAsync(Path, new { drivers = names });
        using var access = await _alice.PostAsync(Path, new { button_panels = new[] { new { buttons = new[] { new { label = "On", command = "ON", access = names } } } } });

        Assert.Equal([status, status], new[] { drivers.StatusCode, access.StatusCode });
    }

    [Theory]
    [InlineData(50, 1_000, HttpStatusCode.OK)]
    [InlineData(51, 1_000, HttpStatusCode.BadRequest)]
    [InlineData(50, 1_001, HttpStatusCode.BadRequest)]
    public async Task A_name_has_at_most_50_characters_and_a_description_1000(int name, int description, HttpStatusCode status)
    {
        using var answer = await _alice.PostAsync(Path, new { robot_name = new string('n', name), robot_description = new string('d', description) });

        Assert.Equal(status, answer.StatusCode);
    }

    [Theory]
    [InlineData(20, 3_600, HttpStatusCode.OK)]
    [InlineData(21, 3_600, HttpStatusCode.BadRequest)]
    [InlineData(20, 3_601, HttpStatusCode.BadRequest)]
    [InlineData(20, -1, HttpStatusCode.BadRequest)]
    public async Task A_buttons_key_has_at_most_20_characters_and_its_cooldown_is_at_most_an_hour(int key, int cooldown, HttpStatusCode status)
    {
        using var answer = await _alice.PostAsync(
            Path, new { button_panels = new[] { new { buttons = new[] { new { label = "On", command = "ON", key = new string('k', key), cooldown } } } } });

        Assert.Equal(status, answer.StatusCode);
    }

    [Theory]
    [InlineData(262_144, HttpStatusCode.OK)]
    [InlineData(262_145, HttpStatusCode.RequestEntityTooLarge)]
    public async Task Settings_have_at_most_256_KiB(int length, HttpStatusCode status)
    {
        const string Start = """{"dev_mode":true,"theirs":" """;
        using var content = new StringContent($"{Start}{new string('x', length - Start.Length - 2)}\"}}", Encoding.UTF8, "application/json");

        using var answer = await _alice.SendAsync(HttpMethod.Post, Path, content);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(status == HttpStatusCode.OK, (await _host.Robots.FindByHandleAsync(_robot.Handle))!.DevMode);
    }

    [Theory]
    [InlineData(0.99, HttpStatusCode.BadRequest)]
    [InlineData(1, HttpStatusCode.OK)]
    [InlineData(365, HttpStatusCode.OK)]
    [InlineData(365.01, HttpStatusCode.BadRequest)]
    public async Task A_viewing_token_lasts_1_to_365_days(double days, HttpStatusCode status)
    {
        using var answer = await _alice.PostAsync($"{Path}/viewing-tokens", new { days });

        Assert.Equal(status, answer.StatusCode);
    }

    private static async Task<Browser> ProgramAsync(Browser owner)
    {
        using var answer = await owner.PostAsync("/api/v1/account/keys", new { name = "scripts" });
        return owner.WithKey((await JsonAsync(answer)).GetProperty("key").GetString()!);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsStringAsync());

    private async Task<string> StateAsync()
    {
        var robot = (await _host.Robots.FindByHandleAsync(_robot.Handle))!;
        return $"{robot.RobotId} {robot.Name} {await _host.Robots.StreamKeyAsync(robot.Cameras[0].CameraId)} {robot.Cameras.Count}";
    }
}
