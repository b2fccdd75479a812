using System.Text.Json;

using LiveRobot.EndToEnd;
using LiveRobot.Testing;

using Microsoft.Playwright;

namespace LiveRobot.Cluster;

/// <summary>What people and robots see of an installation of many nodes: one front, whichever nodes come and go behind it.</summary>
public sealed class ClusterTests(ClusterInstallation cluster, Chromium chromium) : IClassFixture<ClusterInstallation>, IDisposable
{
    private readonly HttpClient _http = new();

    private static (string Service, string Signal)[] Ends => RandomInput.IsLong
        ? [.. from signal in new[] { "KILL", "TERM" } from service in new[] { "control", "chat", "video" } select (service, signal)]
        : [("control", "KILL"), ("chat", "TERM"), ("video", "KILL")];

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Robots_of_both_slots_are_watched_driven_and_talked_with_through_the_front_while_its_nodes_die_and_are_renewed()
    {
        var (rover, old) = (await cluster.AddRobotAsync("Rover"), await cluster.AddRobotAsync("Old Rover"));
        Assert.Equal(cluster.FrontPort(8021), await ControlPortAsync(rover));
        Assert.Equal(cluster.FrontPort(8121), await ControlPortAsync(old));
        await using var newRobot = rover.StartDemoRobot(cluster.RobotsUrl, cluster.FrontPort(8022));
        await using var oldRobot = old.StartLetsRobotEraRobot(cluster.RobotsUrl, cluster.FrontPort(8022), hurry: 6);

        await using var browser = await chromium.OpenAsync(cluster.Url);
        await browser.Page.GetByRole(AriaRole.Link, new() { Name = "Rover", Exact = true }).First.ClickAsync();
        await browser.Live.WaitForAsync();
        await browser.PictureMovesAsync();
        await DriveAsync(browser, newRobot);
        await TalkAsync(browser, newRobot, "hello through the front");
        await using var otherBrowser = await chromium.OpenAsync($"{cluster.Url}/robot/{old.Handle}");
        await DriveOldAsync(otherBrowser, oldRobot);

        // Each service of the new robot loses its node: without a word, or as an upgrade ends it.
        foreach (var (service, signal) in Ends)
        {
            var before = (await cluster.HoldersAsync())[$"{service}/0"];

            await cluster.EndAsync(before, signal);

            await Eventually.TrueAsync(
                async () => (await cluster.HoldersAsync()).TryGetValue($"{service}/0", out var holder) && holder != before,
                text: $"another node has {service}/0 after {signal}");
            await (service switch
            {
                "control" => DriveAsync(browser, newRobot),
                "chat" => TalkAsync(browser, newRobot, $"hello after {signal}"),
                _ => browser.PictureMovesAsync(),
            });
            cluster.Start(before);
            await cluster.ReadyAsync(before);
        }

        await DriveAsync(browser, newRobot);
        await TalkAsync(browser, newRobot, "hello after all");
        await DriveOldAsync(otherBrowser, oldRobot);
        Assert.False(newRobot.HasExited);
        Assert.False(oldRobot.HasExited);

        // What robots were told is what they are told now.
        Assert.Equal(cluster.FrontPort(8021), await ControlPortAsync(rover));
        Assert.Equal(cluster.FrontPort(8121), await ControlPortAsync(old));

        // While Redis is away no node is ready, and the front still has somewhere to go.
        var connects = StatusConnects();
        await cluster.Redis.KillAsync();
        await Eventually.TrueAsync(async () => !await cluster.IsReadyAsync("api1") && !await cluster.IsReadyAsync("api2"));
        await Eventually.TrueAsync(async () => await KindOfAnswerAsync($"api/v1/robots/{rover.Handle}") == "application/problem+json", text: "the API says itself that it does not know");
        Assert.Equal(cluster.FrontPort(8021), await ControlPortAsync(rover));
        await DriveAsync(browser, newRobot);
        Assert.Equal(connects, StatusConnects());
        await cluster.Redis.StartAgainAsync();
        await Eventually.TrueAsync(async () => await KindOfAnswerAsync($"api/v1/robots/{rover.Handle}") == "application/json", text: "the API knows again");

        int StatusConnects() => newRobot.Lines.Count(line => line.EndsWith("The status socket is connected.", StringComparison.Ordinal));
    }

    private async Task<string?> KindOfAnswerAsync(string path)
    {
        using var answer = await _http.GetAsync(new Uri(cluster.RobotsUrl, path));
        return answer.Content.Headers.ContentType?.MediaType;
    }

    private async Task<int> ControlPortAsync(RobotCredentials robot)
    {
        var answer = await _http.GetStringAsync($"{cluster.RobotsUrl}get_control_host_port/{robot.RobotId}");
        return JsonElement.Parse(answer).GetProperty("port").GetInt32();
    }

    /// <summary>Presses a button until the robot has obeyed: it and the page may be on their way to another node.</summary>
    private static async Task DriveAsync(RobotPage browser, ChildProcess robot)
    {
        var heard = robot.Lines.Count;
        await Eventually.TrueAsync(
            async () =>
            {
                await browser.Button("Forward").ClickAsync();
                return robot.Lines.Skip(heard).Any(line => line.StartsWith("command F down", StringComparison.Ordinal));
            },
            TimeSpan.FromMinutes(2),
            "the robot obeys");
    }

    /// <summary>Says a line until the robot has heard it.</summary>
    private static Task TalkAsync(RobotPage browser, ChildProcess robot, string line) => Eventually.TrueAsync(
        async () =>
        {
            await browser.SayAsync(line);
            await Task.Delay(500);
            return robot.Lines.Any(said => said.StartsWith("chat ", StringComparison.Ordinal) && said.EndsWith(line, StringComparison.Ordinal));
        },
        TimeSpan.FromMinutes(2),
        "the robot hears the line");

    /// <summary>Drives a robot of the LetsRobot era, which comes back when it next says who it is.</summary>
    private static async Task DriveOldAsync(RobotPage browser, ChildProcess robot)
    {
        var heard = robot.Lines.Count;
        await Eventually.TrueAsync(
            async () =>
            {
                await browser.Button("Forward").HoverAsync();
                await browser.Page.Mouse.DownAsync();
                await Task.Delay(500);
                await browser.Page.Mouse.UpAsync();
                return robot.Lines.Skip(heard).Any(line => line.Contains("\"event\": \"command\"", StringComparison.Ordinal) && line.Contains("\"F\"", StringComparison.Ordinal));
            },
            TimeSpan.FromMinutes(5),
            "the old robot obeys");
    }
}
