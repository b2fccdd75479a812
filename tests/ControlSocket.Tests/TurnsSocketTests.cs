using System.Text.Json;

using LiveRobot.Platform.Control;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>Taking turns, exclusive control and the emergency stop, as viewers see them. The robot is Olga's.</summary>
public sealed class TurnsSocketTests : IAsyncLifetime
{
    /// <summary>A robot that is told each release once.</summary>
    private static readonly object KeyPosition = new { key_position = true, acknowledge = true };

    private ControlServer _server = null!;
    private Robot _robot = null!;

    private ControlRulesStore Rules => _server.Get<ControlRulesStore>();

    public async ValueTask InitializeAsync()
    {
        _server = await ControlServer.StartAsync("Control:TurnGrace=00:10:00", "Control:FloodCommands=20", "Control:RegisteredPriority=00:10:00");
        _robot = await _server.AddRobotAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task In_a_queue_control_passes_from_one_to_the_next_and_nothing_moves_in_between()
    {
        await Rules.ChangeAsync("rover", rules => rules with { Mode = ControlMode.Queue });
        await using var body = await _server.ConnectRobotAsync(_robot, capabilities: KeyPosition);
        await using var ann = await _server.ConnectViewerAsync(_robot);
        await using var bob = await _server.ConnectViewerAsync(_robot);
        await ann.AskOkAsync("join_line");
        await bob.AskOkAsync("join_line");

        Assert.Equal("ok", await ann.PressAsync("F", "down"));
        Assert.Equal("not_your_turn", await bob.PressAsync("L", "down"));
        await ann.AskOkAsync("leave_line");
        await body.HearsAsync("F:down F:up");
        await Eventually.TrueAsync(() => ann.Of("command_refused").Any(refused => refused.Argument.GetProperty("code").GetString() == "not_your_turn"));
        Assert.Equal("not_your_turn", await ann.PressAsync("F", "intermediate"));
        Assert.Equal("ok", await bob.PressAsync("L", "down"));

        await body.HearsAsync("F:down F:up L:down");
        await StateAsync(ann, state => state.GetProperty("driver") is { ValueKind: JsonValueKind.Object } driver && driver.GetProperty("id").GetInt32() == NumberOf(bob));

        // As soon as somebody waits, all see how long it will be.
        await ann.AskOkAsync("join_line");
        await StateAsync(bob, state => state.GetProperty("turn_ends_in_ms") is { ValueKind: JsonValueKind.Number } time && time.GetInt64() is > 0 and <= 60_000 && state.GetProperty("line").GetArrayLength() == 1);
    }

    [Fact]
    public async Task Who_comes_back_with_its_ticket_has_its_place_again()
    {
        await Rules.ChangeAsync("rover", rules => rules with { Mode = ControlMode.Queue });
        await using var body = await _server.ConnectRobotAsync(_robot, capabilities: KeyPosition);
        await using (var lost = await _server.ConnectAsync())
        {
            await lost.AskOkAsync("select_robot", new { robot_id = _robot.Handle, ticket = "a secret" });
            await lost.AskOkAsync("join_line");
        }

        await using var back = await _server.ConnectAsync();
        await back.AskOkAsync("select_robot", new { robot_id = _robot.Handle, ticket = "a secret" });

        Assert.Equal("ok", await back.PressAsync("F", "down"));
    }

    [Fact]
    public async Task A_ticket_is_of_64_characters_at_most()
    {
        await using var viewer = await _server.ConnectAsync();

        Assert.Equal("bad_request", await viewer.AskCodeAsync("select_robot", new { robot_id = _robot.Handle, ticket = new string('t', 65) }));
        Assert.Equal("ok", await viewer.AskCodeAsync("select_robot", new { robot_id = _robot.Handle, ticket = new string('t', 64) }));
    }

    [Fact]
    public async Task Who_may_not_drive_does_not_stand_in_line()
    {
        await Rules.ChangeAsync("rover", rules => rules with { Mode = ControlMode.Queue });
        await _server.Robots.ChangeAsync("rover", robot => robot with { AnonymousControl = false });
        await using var stranger = await _server.ConnectViewerAsync(_robot);

        Assert.Equal("sign_in_first", await stranger.AskCodeAsync("join_line"));
    }

    [Fact]
    public async Task The_owner_takes_exclusive_control_and_gives_it_back()
    {
        await using var body = await _server.ConnectRobotAsync(_robot, capabilities: KeyPosition);
        await using var ann = await _server.ConnectViewerAsync(_robot);
        await using var olga = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("olga"));
        Assert.Equal("ok", await ann.PressAsync("F", "down"));

        await Rules.GrantAsync("rover", "olga", time: null);
        await body.HearsAsync("F:down F:up");
        Assert.Equal("exclusive_control", await ann.PressAsync("F", "down"));
        Assert.Equal("ok", await olga.PressAsync("L", "down"));
        Assert.Equal("ok", await olga.PressAsync("L", "up"));
        await Eventually.TrueAsync(() => ann.Of("exclusive_control_status") is [var told] && told.Argument.GetProperty("username").GetString() == "olga");
        await Rules.EndExclusiveAsync("rover");

        await StateAsync(ann, state => state.GetProperty("exclusive").ValueKind == JsonValueKind.Null && ann.Of("exclusive_control_status").Count == 2);
        Assert.Equal("ok", await ann.PressAsync("F", "down"));
    }

    [Fact]
    public async Task The_owner_grants_exclusive_control_to_a_viewer_without_an_account_and_hands_it_over_to_one_with()
    {
        await using var body = await _server.ConnectRobotAsync(_robot, capabilities: KeyPosition);
        await using var olga = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("olga"));
        await using var bobby = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("bobby"));
        await using (var ann = await ConnectAnnAsync())
        {
            await olga.AskOkAsync("grant_exclusive_control", new { id = NumberOf(ann), seconds = 86_400 });

            await StateAsync(bobby, state => state.GetProperty("exclusive").GetString()?.StartsWith("anonymous", StringComparison.Ordinal) == true
                && state.GetProperty("exclusive_id").GetInt32() == NumberOf(ann)
                && state.GetProperty("exclusive_ends_in_ms").GetInt64() > 0);
            Assert.Equal("exclusive_control", await bobby.PressAsync("L", "down"));
            Assert.Equal("exclusive_control", await olga.PressAsync("L", "down"));
            Assert.Equal("not_the_owner", await bobby.AskCodeAsync("end_exclusive_control"));
        }

        await using var back = await ConnectAnnAsync();
        Assert.Equal("ok", await back.PressAsync("F", "down"));
        await olga.AskOkAsync("grant_exclusive_control", new { id = NumberOf(bobby) });

        await body.HearsAsync("F:down F:up");
        await StateAsync(back, state => state.GetProperty("exclusive").GetString() == "bobby");
        Assert.Equal("exclusive_control", await back.PressAsync("F", "intermediate"));
        Assert.Equal("ok", await bobby.PressAsync("L", "down"));
        Assert.Null((await Rules.FindAsync("rover")).Exclusive!.Viewer);
        await bobby.AskOkAsync("end_exclusive_control");

        await StateAsync(back, state => state.GetProperty("exclusive").ValueKind == JsonValueKind.Null);
        Assert.Equal("ok", await back.PressAsync("F", "down"));

        async Task<TestClient> ConnectAnnAsync()
        {
            var ann = await _server.ConnectAsync();
            await ann.AskOkAsync("select_robot", new { robot_id = _robot.Handle, ticket = "Ann's secret" });
            await Eventually.TrueAsync(() => ann.Of("control_state").Count > 0);
            return ann;
        }
    }

    [Fact]
    public async Task Exclusive_control_that_is_granted_for_a_time_ends_by_itself()
    {
        await using var ann = await _server.ConnectViewerAsync(_robot);
        await using var olga = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("olga"));
        await Eventually.TrueAsync(() => ann.Of("control_state").Count > 0);

        await olga.AskOkAsync("grant_exclusive_control", new { id = NumberOf(ann), seconds = 0.5 });

        await Eventually.TrueAsync(async () => (await Rules.FindAsync("rover")).Exclusive is null);
        Assert.Equal("robot_offline", await olga.PressAsync("F", "down"));
    }

    [Fact]
    public async Task Exclusive_control_is_granted_by_the_owner_alone_to_somebody_who_is_here_for_a_day_at_most()
    {
        await using var ann = await _server.ConnectViewerAsync(_robot);
        await using var olga = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("olga"));
        await Eventually.TrueAsync(() => ann.Of("control_state").Count > 0);

        Assert.Equal("not_the_owner", await ann.AskCodeAsync("grant_exclusive_control", new { id = NumberOf(ann) }));
        Assert.Equal("unknown_viewer", await olga.AskCodeAsync("grant_exclusive_control", new { id = 4_711 }));
        Assert.Equal("bad_request", await olga.AskCodeAsync("grant_exclusive_control", new { id = "ann" }));
        Assert.Equal("bad_request", await olga.AskCodeAsync("grant_exclusive_control", new { id = NumberOf(ann), seconds = 0 }));
        Assert.Equal("bad_request", await olga.AskCodeAsync("grant_exclusive_control", new { id = NumberOf(ann), seconds = 86_400.1 }));
        Assert.Null((await Rules.FindAsync("rover")).Exclusive);
    }

    [Fact]
    public async Task An_emergency_stop_releases_the_robot_and_nobody_drives_until_the_owner_opens_the_control()
    {
        await Rules.ChangeAsync("rover", rules => rules with { Stoppers = ["Bobby"] });
        await using var body = await _server.ConnectRobotAsync(_robot, capabilities: KeyPosition);
        await using var ann = await _server.ConnectViewerAsync(_robot);
        await using var bobby = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("bobby"));
        await using var olga = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("olga"));
        Assert.Equal("ok", await ann.PressAsync("F", "down"));

        Assert.Equal("may_not_stop", await ann.AskCodeAsync("emergency_stop"));
        await bobby.AskOkAsync("emergency_stop");

        await Eventually.TrueAsync(() => body.Heard.StartsWith("F:down stop:up", StringComparison.Ordinal));
        Assert.Equal("control_closed", await ann.PressAsync("F", "intermediate"));
        Assert.Equal("control_closed", await olga.PressAsync("F", "down"));
        Assert.Equal("bobby", (await Rules.FindAsync("rover")).Closed?.By);
        await StateAsync(olga, state => state.GetProperty("closed").GetBoolean());
        await Rules.ReopenAsync("rover");
        await StateAsync(olga, state => !state.GetProperty("closed").GetBoolean());
        Assert.Equal("ok", await olga.PressAsync("F", "down"));
    }

    [Fact]
    public async Task A_stop_gets_through_while_others_flood_the_robot()
    {
        await using var body = await _server.ConnectRobotAsync(_robot, capabilities: KeyPosition);
        await using var olga = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("olga"));
        using var ended = new CancellationTokenSource();
        var floods = Enumerable.Range(0, 10).Select(async number =>
        {
            await using var flooder = await _server.ConnectViewerAsync(_robot);
            while (!ended.IsCancellationRequested)
            {
                await flooder.EmitAsync("command_to_robot", new { command = $"F{number}", key_position = "down" });
                await flooder.EmitAsync("command_to_robot", new { command = $"F{number}", key_position = "up" });

                // Just slow enough not to be cut off for it.
                await Task.Delay(TimeSpan.FromMilliseconds(10));
            }
        }).ToArray();
        await Eventually.TrueAsync(() => body.Of("command_to_robot").Count > 20);

        await olga.AskOkAsync("emergency_stop");

        await Eventually.TrueAsync(() => body.Heard.Contains("stop:up", StringComparison.Ordinal));
        var after = body.Heard[body.Heard.IndexOf("stop:up", StringComparison.Ordinal)..];
        Assert.DoesNotContain("down", after, StringComparison.Ordinal);
        await ended.CancelAsync();
        await Task.WhenAll(floods);
    }

    [Fact]
    public async Task A_flood_costs_the_flooder_its_turn()
    {
        await Rules.ChangeAsync("rover", rules => rules with { Mode = ControlMode.Queue });
        await using var body = await _server.ConnectRobotAsync(_robot, capabilities: KeyPosition);
        await using var flooder = await _server.ConnectViewerAsync(_robot);
        await using var bob = await _server.ConnectViewerAsync(_robot);
        await flooder.AskOkAsync("join_line");
        await bob.AskOkAsync("join_line");
        Assert.Equal("not_your_turn", await bob.PressAsync("L", "down"));

        for (var i = 0; i < 5_000 && !HasLostItsTurn(); i++)
        {
            await flooder.EmitAsync("command_to_robot", new { command = "F", key_position = "down" });
            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }

        await Eventually.TrueAsync(HasLostItsTurn);
        Assert.Equal("ok", await bob.PressAsync("L", "down"));
        Assert.Equal("flooding", await flooder.AskCodeAsync("join_line"));

        bool HasLostItsTurn() => flooder.Of("command_refused").Any(refused => refused.Argument.GetProperty("code").GetString() == "flooding");
    }

    [Fact]
    public async Task By_vote_the_robot_does_what_most_want()
    {
        await Rules.ChangeAsync("rover", rules => rules with { Mode = ControlMode.Vote, VoteSeconds = 1 });
        await using var body = await _server.ConnectRobotAsync(_robot, capabilities: KeyPosition);
        var viewers = new List<TestClient>();
        foreach (var command in new[] { "F", "L", "L" })
        {
            viewers.Add(await _server.ConnectViewerAsync(_robot));
            Assert.Equal("ok", await viewers[^1].PressAsync(command, "down"));
        }

        // Where the votes fall into two windows, F may win the first.
        await Eventually.TrueAsync(() => body.Heard.Contains("L:down", StringComparison.Ordinal), text: "L wins");
        await Eventually.TrueAsync(() => viewers[0].Of("pip").Any(pip => pip.Argument.GetProperty("command").GetString() == "L" && pip.Argument.GetProperty("users").EnumerateObject().Any()));
        await Eventually.TrueAsync(() => viewers[0].Of("aggregate_color_change").Any(told => told.Argument.GetProperty("command").GetString() == "L"));
        foreach (var viewer in viewers)
        {
            await viewer.DisposeAsync();
        }
    }

    [Fact]
    public async Task Where_those_who_have_signed_in_come_first_the_others_are_told_and_wait()
    {
        await Rules.ChangeAsync("rover", rules => rules with { RegisteredFirst = true });
        await using var body = await _server.ConnectRobotAsync(_robot, capabilities: KeyPosition);
        await using var ann = await _server.ConnectViewerAsync(_robot);
        await using var bobby = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("bobby"));
        Assert.Equal("ok", await ann.PressAsync("F", "down"));

        Assert.Equal("ok", await bobby.PressAsync("L", "down"));

        Assert.Equal("registered_first", await ann.PressAsync("F", "down"));
        await body.HearsAsync("F:down L:down F:up");
        await Eventually.TrueAsync(() => ann.Of("registered_user_active") is [var told, ..] && told.Argument.GetProperty("robot_name").GetString() == "rover");
    }

    [Fact]
    public async Task A_robot_that_is_bound_to_its_picture_is_driven_while_frames_come_and_stopped_when_they_fail_to()
    {
        await Rules.ChangeAsync("rover", rules => rules with { VideoBound = true });
        await using var body = await _server.ConnectRobotAsync(_robot, capabilities: KeyPosition);
        await using var ann = await _server.ConnectViewerAsync(_robot);
        await StateAsync(ann, state => state.GetProperty("video_stalled").GetBoolean());

        await Eventually.TrueAsync(async () =>
        {
            await _server.Presence.FrameArrivedAsync(_robot.Cameras[0]);
            await ann.PressAsync("F", "up");
            return await ann.PressAsync("F", "down") == "ok";
        });

        await Eventually.TrueAsync(() => body.Heard.Contains("F:down stop:up", StringComparison.Ordinal), text: "the robot is stopped when no frame has come for 2 s");
        Assert.Equal("video_stalled", await ann.PressAsync("F", "down"));
    }

    [Fact]
    public async Task While_the_picture_stands_still_a_robot_that_is_bound_to_it_is_not_driven()
    {
        await using var body = await _server.ConnectRobotAsync(_robot, capabilities: KeyPosition);
        await using var ann = await _server.ConnectViewerAsync(_robot);
        Assert.Equal("ok", await ann.PressAsync("F", "down"));

        await Rules.ChangeAsync("rover", rules => rules with { VideoBound = true });

        await Eventually.TrueAsync(() => body.Heard.Contains("stop:up", StringComparison.Ordinal));
        Assert.Equal("video_stalled", await ann.PressAsync("F", "intermediate"));
        await StateAsync(ann, state => state.GetProperty("video_bound").GetBoolean() && state.GetProperty("video_stalled").GetBoolean());
        await Rules.ChangeAsync("rover", rules => rules with { VideoBound = false });
        await StateAsync(ann, state => !state.GetProperty("video_stalled").GetBoolean());
        Assert.NotEqual("video_stalled", await ann.PressAsync("L", "down"));
    }

    [Fact]
    public async Task All_see_that_a_button_cools_down()
    {
        await _server.Robots.ChangeAsync("rover", robot => robot with
        {
            ButtonPanels = """[{"button_panel_label":"","buttons":[{"label":"Horn","command":"HORN","cooldown":30}]}]""",
        });
        await using var body = await _server.ConnectRobotAsync(_robot, capabilities: KeyPosition);
        await using var ann = await _server.ConnectViewerAsync(_robot);
        await using var bob = await _server.ConnectViewerAsync(_robot);

        Assert.Equal("ok", await ann.PressAsync("HORN", "down"));

        await Eventually.TrueAsync(() => bob.Of("cooldown") is [.., var told] && told.Argument.GetProperty("ms").GetInt32() is > 0 and <= 30_000);
        Assert.Equal("cooling_down", await bob.PressAsync("HORN", "down"));

        // Who comes later sees it too, and who presses it.
        await using var cat = await _server.ConnectViewerAsync(_robot);
        await Eventually.TrueAsync(() => cat.Of("cooldown") is [.., var told] && told.Argument.GetProperty("ms").GetInt32() is > 0 and <= 30_000);
        await Eventually.TrueAsync(() => cat.Of("pip") is [.., var pip] && pip.Argument.GetProperty("command").GetString() == "HORN");
        await Eventually.TrueAsync(() => cat.Of("aggregate_color_change") is [.., var told] && told.Argument.GetProperty("command").GetString() == "HORN");
    }

    [Fact]
    public async Task What_was_said_and_what_became_of_it_is_in_the_log()
    {
        await using var body = await _server.ConnectRobotAsync(_robot, capabilities: KeyPosition);
        await using (var anna = await _server.ConnectViewerAsync(_robot, await _server.SignInAsync("Anna")))
        {
            Assert.Equal("ok", await anna.PressAsync("F", "down"));
            Assert.Equal("ok", await anna.PressAsync("F", "intermediate"));
            Assert.Equal("ok", await anna.PressAsync("F", "up"));
            Assert.Equal("not_held", await anna.PressAsync("L", "intermediate"));
            Assert.Equal("ok", await anna.PressAsync("B", "down"));
        }

        IReadOnlyList<LoggedCommand> lines = [];
        await Eventually.TrueAsync(async () => (lines = await _server.Get<CommandLog>().FindAsync("rover", new CommandLogQuery())).Count == 5);
        Assert.Equal(
            ["F down sent", "F up sent", "L intermediate not_held", "B down sent", "B up released"],
            lines.Reverse().Select(line => $"{line.Command} {line.Position} {line.Outcome}"));
        Assert.All(lines, line => Assert.Equal("Anna", line.Username));
        Assert.Equal(2, (await _server.Get<CommandLog>().FindAsync("rover", new CommandLogQuery(Command: "F", Username: "anna"))).Count);
    }

    [Fact]
    public async Task Lines_beyond_what_may_wait_for_the_store_are_dropped_and_counted_and_no_command_is()
    {
        await using var server = await ControlServer.StartAsync("Control:LogQueue=1");
        using var metrics = new RecordedMetrics(server.Get<System.Diagnostics.Metrics.IMeterFactory>());
        var robot = await server.AddRobotAsync();
        await using var body = await server.ConnectRobotAsync(robot, capabilities: KeyPosition);
        await using var ann = await server.ConnectViewerAsync(robot);

        await Eventually.TrueAsync(async () =>
        {
            Assert.Equal("ok", await ann.PressAsync("F", "down"));
            Assert.Equal("ok", await ann.PressAsync("F", "up"));
            return metrics.Lines.Any(line => line.StartsWith("liverobot.control.log.dropped 1", StringComparison.Ordinal));
        });

        await Eventually.TrueAsync(async () => (await server.Get<CommandLog>().FindAsync("rover", new CommandLogQuery())).Count > 0);
    }

    [Fact]
    public async Task Of_a_robot_whose_owner_wants_no_log_nothing_is_kept()
    {
        var silent = await _server.AddRobotAsync("Silent");
        await Rules.ChangeAsync(silent.Handle, rules => rules with { LogDays = 0 });
        await using var unheard = await _server.ConnectViewerAsync(silent);
        await using var heard = await _server.ConnectViewerAsync(_robot);
        Assert.Equal("robot_offline", await unheard.PressAsync("F", "down"));
        Assert.Equal("robot_offline", await heard.PressAsync("F", "down"));

        await Eventually.TrueAsync(async () => (await _server.Get<CommandLog>().FindAsync("rover", new CommandLogQuery())).Count > 0);

        Assert.Empty(await _server.Get<CommandLog>().FindAsync(silent.Handle, new CommandLogQuery()));
    }

    /// <summary>The number by which others know a viewer.</summary>
    private static int NumberOf(TestClient viewer) =>
        viewer.Of("control_state").Last(state => state.Argument.TryGetProperty("you", out _)).Argument.GetProperty("you").GetInt32();

    private static Task StateAsync(TestClient viewer, Func<JsonElement, bool> isIt) =>
        Eventually.TrueAsync(() => viewer.Of("control_state") is [.., var last] && isIt(last.Argument), text: "the state of control");
}
