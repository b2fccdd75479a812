using System.Text.Json;

using LiveRobot.Platform.Control;
using LiveRobot.Testing;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>
/// Three hundred viewers of one robot who all do something at once, in each mode: in the end all have been told the same,
/// one drives at most, nobody has lost its place, and nothing is held without a holder.
/// </summary>
public sealed class CrowdTests
{
    private const int Size = 300;

    [Fact]
    public async Task A_crowd_ends_in_one_state_in_each_mode()
    {
        // Nobody's place is lost while the machine is busy, the driver's turn passes on by the driver's own will alone, and no
        // press gives way to a newer one because the robot is slow to prove that it reads.
        await using var server = await ControlServer.StartAsync(
            "Control:TurnGrace=00:10:00", $"Control:LineLength={Size - 1}", "Control:ProofAge=00:00:10", "Control:ProveFor=01:00:00");
        var rules = server.Get<ControlRulesStore>();
        var robot = await server.AddRobotAsync();
        await using var body = await server.ConnectRobotAsync(robot, capabilities: new { key_position = true, acknowledge = true });
        await using var crowd = await Crowd.ConnectAsync(server.Address, robot.Handle, Size);
        await using var olga = await server.ConnectViewerAsync(robot, await server.SignInAsync("olga"));

        await EveryoneAsync(crowd, body);

        await rules.ChangeAsync(robot.Handle, stored => stored with { Mode = ControlMode.Vote, VoteSeconds = ControlRules.MinVoteSeconds });
        await VoteAsync(crowd, body);

        await rules.ChangeAsync(robot.Handle, stored => stored with { Mode = ControlMode.Queue, TurnSeconds = ControlRules.MaxTurnSeconds });
        await QueueAsync(crowd, body);

        await rules.GrantAsync(robot.Handle, "olga", time: null);
        await crowd.AgreeAsync(state => state.GetProperty("exclusive").GetString() == "olga" && Line(state).Count > 0);
        await RefusedAsync(crowd, body, "exclusive_control");
        Assert.Equal("ok", await olga.PressAsync("O", "down"));
        Assert.Equal("ok", await olga.PressAsync("O", "up"));
        await Eventually.TrueAsync(() => body.Heard.Contains("O:down", StringComparison.Ordinal) && Moving(body).Count == 0);
        await rules.EndExclusiveAsync(robot.Handle);

        await rules.ChangeAsync(robot.Handle, stored => stored with { Mode = ControlMode.Owner });
        await crowd.AgreeAsync(state => state.GetProperty("mode").GetString() == "owner" && state.GetProperty("exclusive").ValueKind == JsonValueKind.Null && Line(state).Count == 0);
        await RefusedAsync(crowd, body, "owner_only");

        await olga.AskOkAsync("emergency_stop");
        await crowd.AgreeAsync(state => state.GetProperty("closed").GetBoolean());
        await RefusedAsync(crowd, body, "control_closed");
        Assert.Empty(Moving(body));
    }

    /// <summary>Thirty hold one of four keys at once, and let go.</summary>
    private static async Task EveryoneAsync(Crowd crowd, TestClient body)
    {
        var pressing = crowd.Members.Take(30).ToArray();
        await Task.WhenAll(pressing.Select((member, number) => member.PressAsync($"C{number % 4}", "down")));
        await Eventually.TrueAsync(() => Moving(body).Count == 4, text: "all four keys move the robot");
        await Task.WhenAll(pressing.Select((member, number) => member.PressAsync($"C{number % 4}", "up")));
        await Eventually.TrueAsync(() => Moving(body).Count == 0, text: "the robot is released from all keys");
        await crowd.AgreeAsync(state => state.GetProperty("mode").GetString() == "everyone" && state.GetProperty("driver").ValueKind == JsonValueKind.Null);
    }

    /// <summary>Sixty want to go left and forty right.</summary>
    private static async Task VoteAsync(Crowd crowd, TestClient body)
    {
        await crowd.AgreeAsync(state => state.GetProperty("mode").GetString() == "vote");
        var voters = crowd.Members.Take(100).ToArray();
        await Task.WhenAll(voters.Select((member, number) => member.PressAsync(number < 60 ? "L" : "R", "down")));
        await Eventually.TrueAsync(() => Moving(body).SetEquals(["L"]), text: "what most want moves the robot");
        await Task.WhenAll(voters.Select((member, number) => member.PressAsync(number < 60 ? "L" : "R", "up")));
        await Eventually.TrueAsync(() => Moving(body).Count == 0, text: "nobody votes, and the robot is released");
    }

    /// <summary>All stand in line at once; some of them, the driver first, leave; others are lost and come back.</summary>
    private static async Task QueueAsync(Crowd crowd, TestClient body)
    {
        await crowd.AgreeAsync(state => state.GetProperty("mode").GetString() == "queue");
        await crowd.AllAsync("join_line");
        await crowd.AgreeAsync(state => Line(state).Count == Size);
        var line = Line(State(crowd));
        Assert.Equal(crowd.Members.Select(member => member.You).Order(), line.Order());

        await crowd.AllAsync("command_to_robot", new { command = "Q", key_position = "down" });
        var driver = crowd.Members.Single(member => member.You == line[0]);
        await Eventually.TrueAsync(() => crowd.Members.All(member => member == driver || member.Refusal == "not_your_turn"), text: "all but the driver are refused");
        await Eventually.TrueAsync(() => Moving(body).SetEquals(["Q"]), text: "the driver's key moves the robot");

        var leaving = line.Where((_, place) => place % 6 == 0).ToHashSet();
        await Crowd.EmitAsync(crowd.Members.Where(member => leaving.Contains(member.You)), "leave_line");
        var left = line.Except(leaving).ToArray();
        await crowd.AgreeAsync(state => Line(state).SequenceEqual(left));
        await Eventually.TrueAsync(() => Moving(body).Count == 0, text: "the robot is released with its driver's turn");

        // Twenty people go and come back on other sockets: as many as before, each in its old place.
        var lost = crowd.Members.Where(member => left.Contains(member.You)).Take(20).ToArray();
        foreach (var member in lost)
        {
            await member.DisposeAsync();
        }

        var back = await Task.WhenAll(lost.Select(member => member.ComeBackAsync()));
        Assert.Equal(lost.Select(member => member.You), back.Select(member => member.You));
        crowd.Replace(lost, back);
        await crowd.AgreeAsync(state => Line(state).SequenceEqual(left) && Places(state).All(place => place.GetProperty("present").GetBoolean()));
    }

    /// <summary>All press, all are refused for the same reason, and the robot hears nothing of it.</summary>
    private static async Task RefusedAsync(Crowd crowd, TestClient body, string code)
    {
        var heard = body.Of("command_to_robot").Count;
        await crowd.AllAsync("command_to_robot", new { command = "X", key_position = "down" });
        await Eventually.TrueAsync(() => crowd.Members.All(member => member.Refusal == code), text: $"all are told {code}");
        Assert.DoesNotContain(body.Of("command_to_robot").Skip(heard), command => command.Argument.GetProperty("command").GetString() == "X");
    }

    private static JsonElement State(Crowd crowd) => JsonElement.Parse(crowd.Members[0].State!);

    /// <summary>The driver, if there is one, and those who wait, in order.</summary>
    private static IEnumerable<JsonElement> Places(JsonElement state) =>
        (state.GetProperty("driver") is { ValueKind: JsonValueKind.Object } driver ? [driver] : Array.Empty<JsonElement>()).Concat(state.GetProperty("line").EnumerateArray());

    private static IReadOnlyList<int> Line(JsonElement state) => [.. Places(state).Select(place => place.GetProperty("id").GetInt32())];

    /// <summary>What the robot was told to do and not released from.</summary>
    private static HashSet<string> Moving(TestClient body)
    {
        var moving = new HashSet<string>();
        foreach (var told in body.Of("command_to_robot"))
        {
            var (command, position) = (told.Argument.GetProperty("command").GetString()!, told.Argument.GetProperty("key_position").GetString());
            if (command == "stop")
            {
                moving.Clear();
            }
            else if (position == "up")
            {
                moving.Remove(command);
            }
            else
            {
                moving.Add(command);
            }
        }

        return moving;
    }
}
