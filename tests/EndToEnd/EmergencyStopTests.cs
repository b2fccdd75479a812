using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

using LiveRobot.Testing;

namespace LiveRobot.EndToEnd;

/// <summary>A stop gets through while strangers flood the sockets of control and of chat with all that these take.</summary>
public sealed class EmergencyStopTests
{
    private const int FloodsOfAKind = 8;

    [Fact]
    public async Task However_it_is_asked_for_a_stop_reaches_the_robot_through_a_flood_of_commands_and_chat()
    {
        // Nobody is silenced for flooding here.
        await using var installation = await Installation.StartAsync(new Dictionary<string, string> { ["Control__FloodCommands"] = "1000000" });
        using var owner = new HttpClient { BaseAddress = new Uri(installation.Url) };
        using var signedUp = await owner.PostAsJsonAsync("/api/v1/register", new { username = "alice", password = "correct horse" });
        var cookie = signedUp.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        var credentials = await installation.AddRobotAsync("Rover");
        await using var robot = await ConnectAsync(installation, "Control", "robot_id", credentials.RobotId);
        await robot.AskAsync("robot_capabilities", new { key_position = true, acknowledge = false });
        await using var page = await ConnectAsync(installation, "Control", "select_robot", credentials.Handle, cookie);
        await using var chat = await ConnectAsync(installation, "Chat", "select_robot", credentials.Handle, cookie);
        await using var driver = await ConnectAsync(installation, "Control", "select_robot", credentials.Handle);
        await using var flood = await Flood.StartAsync(installation, credentials.Handle);

        await StopsAsync("from the page", async () => IsOk(await page.AskAsync("emergency_stop", new { })));
        await StopsAsync("by POST", async () => (await PostAsync("stop")).EnsureSuccessStatusCode());
        await StopsAsync("by a line of chat", async () => await chat.EmitAsync("chat_message", new { message = ".stop" }));

        async Task StopsAsync(string how, Func<Task> stop)
        {
            await Eventually.TrueAsync(async () =>
            {
                await driver.AskAsync("command_to_robot", new { command = "F", key_position = "up" });
                return (await driver.AskAsync("command_to_robot", new { command = "F", key_position = "down" })).GetProperty("ok").GetBoolean();
            });
            var before = robot.Received.Count;
            var asked = Stopwatch.GetTimestamp();

            await stop();

            IReadOnlyList<string> heard = [];
            await Eventually.TrueAsync(() => (heard = Heard(robot, before)).Contains("stop:up"), text: $"the robot hears a stop {how}");
            TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"A stop {how} arrived within {Stopwatch.GetElapsedTime(asked).TotalMilliseconds:F0} ms, {flood.Sent} events into a flood on {2 * FloodsOfAKind} sockets."));
            await Eventually.TrueAsync(async () => (await installation.GetAsync($"/api/v1/robots/{credentials.Handle}/control")).GetProperty("closed").ValueKind == JsonValueKind.Object);

            // The flood goes on, and moves nothing.
            var sent = flood.Sent;
            await Eventually.TrueAsync(() => flood.Sent > sent + 500);
            Assert.DoesNotContain(Heard(robot, before).SkipWhile(command => command != "stop:up"), command => !command.EndsWith(":up", StringComparison.Ordinal));
            (await PostAsync("reopen")).EnsureSuccessStatusCode();
        }

        Task<HttpResponseMessage> PostAsync(string what) => owner.PostAsync(new Uri($"/api/v1/robots/{credentials.Handle}/{what}", UriKind.Relative), null);
    }

    private static async Task<SocketIOPeer> ConnectAsync(Installation installation, string port, string greeting, string name, string? cookie = null)
    {
        var peer = await SocketIOPeer.ConnectAsync(new Uri($"http://localhost:{installation.Port(port)}"), cookie: cookie);
        IsOk(await peer.AskAsync(greeting, name));
        return peer;
    }

    private static void IsOk(JsonElement answer) => Assert.True(answer.GetProperty("ok").GetBoolean(), answer.GetRawText());

    /// <summary>What the robot was told since then, as <c>command:key_position</c>.</summary>
    private static IReadOnlyList<string> Heard(SocketIOPeer robot, int since) =>
    [
        .. robot.Received.Skip(since)
            .Where(received => received.Name == "command_to_robot")
            .Select(received => $"{received.Argument.GetProperty("command")}:{received.Argument.GetProperty("key_position")}"),
    ];

    /// <summary>Strangers who press and talk as fast as they can, and want the robot to stop as well.</summary>
    private sealed class Flood : IAsyncDisposable
    {
        private readonly CancellationTokenSource _end = new();
        private readonly List<SocketIOPeer> _peers = [];
        private readonly List<Task> _floods = [];
        private long _sent;

        public long Sent => Interlocked.Read(ref _sent);

        public static async Task<Flood> StartAsync(Installation installation, string handle)
        {
            var flood = new Flood();
            for (var i = 0; i < FloodsOfAKind; i++)
            {
                var command = $"C{i}";
                flood.Begin(await ConnectAsync(installation, "Control", "select_robot", handle), number =>
                    ("command_to_robot", new { command, key_position = number % 2 == 0 ? "down" : "up" }));
                flood.Begin(await ConnectAsync(installation, "Chat", "select_robot", handle), number =>
                    ("chat_message", new { message = number % 2 == 0 ? ".stop" : "let me drive" }));
            }

            return flood;
        }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await Task.WhenAll(_floods);
            foreach (var peer in _peers)
            {
                await peer.DisposeAsync();
            }

            _end.Dispose();
        }

        private void Begin(SocketIOPeer peer, Func<long, (string Name, object Argument)> next)
        {
            _peers.Add(peer);
            _floods.Add(Task.Run(async () =>
            {
                for (var number = 0L; !_end.IsCancellationRequested; number++)
                {
                    var (name, argument) = next(number);
                    await peer.EmitAsync(name, argument);
                    Interlocked.Increment(ref _sent);

                    // Just slow enough not to be cut off for it.
                    await Task.Delay(TimeSpan.FromMilliseconds(5));
                }
            }));
        }
    }
}
