using System.Text.Json;
using System.Text.RegularExpressions;

using global::SocketIO;

using LiveRobot.Compatibility.ViewerApp;
using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Control;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace LiveRobot.Compatibility.Document;

/// <summary>
/// <c>docs/protocol.md</c> against the services: what it shows is taken, and they have nothing that it does not tell. What
/// they take is read from the running services, and what they say from their sources.
/// </summary>
public sealed partial class ProtocolDocumentTests
{
    private readonly ProtocolDocument _document = ProtocolDocument.Read();
    private WholePlatform _platform = null!;

    [Fact]
    public async Task Everything_that_the_services_take_is_in_the_document_and_is_taken_as_it_stands_there()
    {
        await using var platform = await WholePlatform.StartAsync(new Dictionary<string, string?> { ["Control:StartGuard"] = "00:00:00", ["Control:MaxCommandAge"] = "00:00:30", ["Chat:UsersInterval"] = "00:00:00.100" });
        _platform = platform;
        AssertRoutes();
        await AssertRequestsAsync();
        await AssertHandlersAsync();
        await AssertEventsAsync();
    }

    /// <summary>
    /// All that is emitted is made by a call that has the event's name as a text. One has it as a parameter; the texts of
    /// its callers are found. A call of another kind fails here.
    /// </summary>
    [Fact]
    public async Task Everything_that_the_services_say_is_in_the_document()
    {
        var (emitted, calls, named) = (new HashSet<string>(StringComparer.Ordinal), 0, 0);
        foreach (var project in new[] { "Api", "ChatSocket", "ControlSocket", "LiveRobot", "Platform", "StatusSocket", "VideoRelay" })
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", project), "*.cs", SearchOption.AllDirectories))
            {
                var source = await File.ReadAllTextAsync(file);
                calls += Emission().Count(source);
                named += NamedEmission().Count(source);
                emitted.UnionWith(NamedEmission().Matches(source).Select(match => match.Groups[1].Value));
                emitted.UnionWith(WrittenEmission().Matches(source).Select(match => match.Groups[1].Value));
            }
        }

        Assert.True(emitted.Count > 20, $"only {emitted.Count} found");
        Assert.Equal(calls, named + 1);
        var documented = _document.Events.Where(documented => documented.IsFromServer).Select(documented => documented.Name).ToArray();
        AssertSame(emitted, documented, "events that the server says");
        AssertSame(documented, _document.EventExamples.Where(example => example.IsFromServer).Select(example => example.Name), "examples of events that the server says");
    }

    private void AssertRoutes()
    {
        var (routes, sockets) = (new List<string>(), new List<string>());
        foreach (var endpoint in _platform.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var isOptional = endpoint.RoutePattern.RawText!.EndsWith("?}", StringComparison.Ordinal);
            var path = "/" + endpoint.RoutePattern.RawText.Replace("?}", "}", StringComparison.Ordinal).TrimStart('/');
            var methods = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods;
            if (methods is null)
            {
                sockets.Add(ProtocolDocument.Pattern(path));
            }
            else
            {
                routes.AddRange(methods.Select(method => $"{method} {ProtocolDocument.Pattern(path)}"));
                if (isOptional)
                {
                    routes.AddRange(methods.Select(method => $"{method} {ProtocolDocument.Pattern(path[..path.LastIndexOf('/')])}"));
                }
            }
        }

        Assert.True(routes.Count > 60, $"only {routes.Count} routes found");
        AssertSame(routes, _document.Endpoints, "endpoints");
        AssertSame(sockets, _document.SocketPaths, "paths of Socket.IO");
        AssertSame(_document.Endpoints, _document.HttpExamples.Select(example => example.Endpoint), "examples of endpoints");
    }

    private async Task AssertRequestsAsync()
    {
        var refused = new List<string>();
        foreach (var example in _document.HttpExamples)
        {
            var world = await DocumentedWorld.MakeAsync(_platform);
            if (await world.SendAsync(example) is { } problem)
            {
                refused.Add($"{example}: {problem}");
            }
        }

        Assert.Empty(refused);
    }

    private async Task AssertHandlersAsync()
    {
        var own = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var (name, server) in new[] { ("Control", "Control"), ("Chat", "Chat"), ("Status", "Status"), ("User", "Chat") })
        {
            var root = _platform.App.Services.GetRequiredKeyedService<SocketIOServer>(server).Root;
            await using (await SocketIOPeer.ConnectAsync(_platform.Address(name)))
            {
                own[name] = [.. Assert.Single(root.Sockets).EventNames];
            }

            await Eventually.TrueAsync(() => root.Sockets.Count == 0);
        }

        foreach (var name in new[] { "Control", "Chat", "Status" })
        {
            AssertSame(own[name], Taken(name), $"events that the {name} socket takes");
            AssertSame(
                own[name],
                _document.EventExamples.Where(example => example.Socket == name && !example.IsFromServer).Select(example => example.Name),
                $"examples of events that the {name} socket takes");
        }

        var viewers = _document.EventExamples.Where(example => example is { Socket: "Control" or "Status", IsFromServer: false } && example.Who != "robot").Select(example => example.Name);
        AssertSame(own["User"], [.. own["Chat"], .. viewers, .. Taken("User")], "events that the user socket takes");

        IEnumerable<string> Taken(string socket) => _document.Events.Where(documented => documented.Socket == socket && !documented.IsFromServer).Select(documented => documented.Name);
    }

    /// <summary>Each example in a world of its own; what is heard meanwhile looks as the document says.</summary>
    private async Task AssertEventsAsync()
    {
        var (refused, heard) = (new List<string>(), new List<(string Name, JsonElement Argument)>());
        foreach (var example in _document.EventExamples.Where(example => !example.IsFromServer))
        {
            var world = await DocumentedWorld.MakeAsync(_platform);
            if (example.Name is "join_line" or "leave_line")
            {
                await _platform.Get<ControlRulesStore>().ChangeAsync(world.Robot.Handle, rules => rules with { Mode = ControlMode.Queue });
            }

            await using var robot = await SocketIOPeer.ConnectAsync(_platform.Address("Control"));
            await robot.AskAsync("robot_id", world.Robot.RobotId);
            await using var speaker = await SocketIOPeer.ConnectAsync(_platform.Address(example.Socket), cookie: world.CookieOf(example.Who));
            if (example.Who == "robot" && example.Name is not ("robot_id" or "identify_robot_id"))
            {
                await speaker.AskAsync("identify_robot_id", world.Robot.RobotId);
            }
            else if (example.Who != "robot" && example.Name is not ("robot_id" or "select_robot"))
            {
                await speaker.AskAsync("select_robot", new { robot_id = world.Robot.Handle });
            }

            var text = example.Argument;
            if (text.Contains("{you}", StringComparison.Ordinal))
            {
                var state = await speaker.WaitForAsync("control_state", told => told.TryGetProperty("you", out _));
                text = text.Replace("{you}", state.GetProperty("you").GetRawText(), StringComparison.Ordinal);
            }

            var argument = text.Length == 0 ? default : JsonElement.Parse(world.Fill(text));
            var answer = await speaker.AskAsync(example.Name, argument.ValueKind == JsonValueKind.Undefined ? new { } : argument);
            if (!answer.GetProperty("ok").GetBoolean())
            {
                refused.Add($"{example}: {answer}");
            }

            heard.AddRange([.. robot.Received, .. speaker.Received]);
        }

        Assert.Empty(refused);
        var shown = _document.EventExamples.Where(example => example.IsFromServer).ToLookup(example => example.Name, example => JsonElement.Parse(Braces().Replace(example.Argument, "$1")));
        heard.AddRange(await HearAsync());
        foreach (var (name, argument) in heard)
        {
            var isShown = shown[name].Any(example => LooksLike(argument, example));
            Assert.True(isShown, $"{name} {argument} looks otherwise in the document.");
        }
    }

    /// <summary>What is heard where much happens to a robot; each of it comes.</summary>
    private async Task<IEnumerable<(string Name, JsonElement Argument)>> HearAsync()
    {
        var world = await DocumentedWorld.MakeAsync(_platform);
        var (handle, rules) = (world.Robot.Handle, _platform.Get<ControlRulesStore>());
        var people = _platform.Get<AccountDirectory>();
        var owner = (await people.FindAsync(world.Robot.Owner))!;
        await using var robot = await SocketIOPeer.ConnectAsync(_platform.Address("Control"));
        await using var robotsStatus = await SocketIOPeer.ConnectAsync(_platform.Address("Status"));
        await using var viewer = await SocketIOPeer.ConnectAsync(_platform.Address("User"), cookie: world.CookieOf("viewer"));
        await robot.AskAsync("robot_id", world.Robot.RobotId);
        await robotsStatus.AskAsync("identify_robot_id", world.Robot.RobotId);
        await viewer.AskAsync("select_robot", new { robot_id = handle });

        await viewer.EmitAsync("no_such_event", new { });
        await viewer.EmitAsync("command_to_robot", new { robot_id = "another", command = "F", key_position = "down" });
        await viewer.EmitAsync("command_to_robot", new { robot_id = handle, command = "F", key_position = "down" });
        foreach (var name in new[] { "event_refused", "command_refused", "robot_command_has_hit_webserver", "aggregate_color_change", "pip", "num_viewers", "control_state", "chat_history", "robot_statuses" })
        {
            await viewer.WaitForAsync(name);
        }

        await robot.AskAsync("chat_message", new { message = "beep" });
        await viewer.WaitForAsync("chat_message_with_name", line => line.TryGetProperty("robot", out _));
        await viewer.WaitForAsync("channel_users_list");
        await rules.GrantAsync(handle, owner.Name, time: null);
        await viewer.WaitForAsync("exclusive_control_status");
        await robotsStatus.WaitForAsync("exclusive_control");
        await robotsStatus.AskAsync("charge_state", new { charging = true });
        await viewer.WaitForAsync("charge_state");
        await _platform.Get<ViewerSnapshots>().AddAsync(world.Robot, owner, "A cat", new byte[] { 0xFF, 0xD8, 0xFF, 0xD9 }, kept: 10);
        await viewer.WaitForAsync("new_snapshot");
        await _platform.Get<Subscriptions>().SubscribeAsync(owner, world.Robot);
        await viewer.WaitForAsync("subscription_state_change");
        await robotsStatus.AskAsync("robot_capabilities", new { reverse_ssh = true });
        _platform.Get<IBus>().Publish(new ReverseSshSwitched(handle, IsOn: true));
        await robotsStatus.WaitForAsync("reverse_ssh_8872381747239");
        _platform.Get<IBus>().Publish(new ReverseSshSwitched(handle, IsOn: false));
        await robotsStatus.WaitForAsync("end_reverse_ssh_8872381747239");
        await _platform.Get<VideoSwitch>().SwitchAsync(handle, isOn: false);
        await robotsStatus.WaitForAsync("command_to_robot");
        await _platform.Get<RobotDirectory>().ChangeAsync(handle, stored => stored with { XRes = 320 });
        await robotsStatus.WaitForAsync("robot_settings_changed");
        await _platform.Get<BanDirectory>().MakeAsync(
            BanScope.OfRobot(handle), BanTarget.Of((await people.FindAsync(world.Fill("{viewer}")))!), "spam", TimeSpan.FromHours(1), owner.Name);
        await viewer.WaitForAsync("banned");
        return [.. robot.Received, .. robotsStatus.Received, .. viewer.Received];
    }

    /// <summary>Whether all of a value has a place in the example, with the same types; null has any type, and an object whose keys are names is like any other.</summary>
    private static bool LooksLike(JsonElement value, JsonElement example) => (value.ValueKind, example.ValueKind) switch
    {
        (JsonValueKind.Null, _) or (_, JsonValueKind.Null) => true,
        (JsonValueKind.True or JsonValueKind.False, JsonValueKind.True or JsonValueKind.False) => true,
        (JsonValueKind.Array, JsonValueKind.Array) => value.EnumerateArray().All(item => example.GetArrayLength() > 0 && LooksLike(item, example[0])),
        (JsonValueKind.Object, JsonValueKind.Object) => value.EnumerateObject().All(field => example.TryGetProperty(field.Name, out var shown)
            ? LooksLike(field.Value, shown)
            : field.Value.ValueKind == JsonValueKind.Object && example.EnumerateObject().Any(other => LooksLike(field.Value, other.Value))),
        _ => value.ValueKind == example.ValueKind,
    };

    private static void AssertSame(IEnumerable<string> real, IEnumerable<string> documented, string what)
    {
        var (inCode, inDocument) = (real.ToHashSet(StringComparer.Ordinal), documented.ToHashSet(StringComparer.Ordinal));
        Assert.True(
            inCode.SetEquals(inDocument),
            $"{what}: docs/protocol.md lacks [{string.Join(", ", inCode.Except(inDocument))}] and has beyond [{string.Join(", ", inDocument.Except(inCode))}].");
    }

    /// <summary>A call that makes what is emitted.</summary>
    [GeneratedRegex(@"EventMessage\.(?:Create|CreateBinary|FromJson|FromArguments|FromPacket|Forward)\b")]
    private static partial Regex Emission();

    /// <summary>One with the name in it.</summary>
    [GeneratedRegex(@"EventMessage\.Create\(\s*""(\w+)""")]
    private static partial Regex NamedEmission();

    /// <summary>A call of the one that has it as a parameter.</summary>
    [GeneratedRegex(@"=> Write\(""(\w+)""")]
    private static partial Regex WrittenEmission();

    /// <summary>What an example leaves open, inside of a text or in its place.</summary>
    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Braces();
}
