using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

using LiveRobot.Testing;

namespace LiveRobot.EndToEnd;

/// <summary>Services that are told to end (SIGTERM) while people talk and change settings: nothing that was acknowledged is lost.</summary>
public sealed class DrainTests
{
    private const int Speakers = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Lines_and_settings_that_were_acknowledged_are_stored_when_the_services_have_ended()
    {
        await using var services = await SeparateServices.StartAsync(
            new Dictionary<string, string> { ["Chat__Burst"] = "1000", ["Chat__MessageInterval"] = "00:00:00.001" }, ["Api", "ChatSocket"]);
        var robot = await services.AddRobotAsync("Rover");
        var speakers = await Task.WhenAll(Enumerable.Range(0, Speakers).Select(_ => SocketIOPeer.ConnectAsync(services.Address("Chat"))));
        using var owner = new HttpClient { BaseAddress = services.Address("Api"), Timeout = Patience };
        await AskAsync(owner, "api/v1/register", new { username = "writer", password = "correct horse" });
        var own = (await AskAsync(owner, "api/v1/robots", new { name = "Own" })).GetProperty("handle").GetString();

        List<string> said = [];
        var (tried, described) = (0, 0);
        var writing = speakers.Select(SayUntilItEndsAsync).Append(DescribeUntilItEndsAsync()).ToArray();
        await Eventually.TrueAsync(() => Count(said) >= 10 * Speakers && Volatile.Read(ref described) >= 10, Patience);
        foreach (var service in new[] { "ChatSocket", "Api" })
        {
            services.Process(service).Signal("TERM");
        }

        await Task.WhenAll(writing).WaitAsync(Patience);
        foreach (var service in new[] { "ChatSocket", "Api" })
        {
            await services.Process(service).WaitForExitAsync();
            Assert.Equal(0, services.Process(service).ExitCode);
        }

        var stored = (await QueryAsync("SELECT message_id FROM chat_messages")).Split('\n').ToHashSet();
        Assert.All(said, id => Assert.Contains(id, stored));
        Assert.InRange(int.Parse(await QueryAsync($"SELECT description FROM robots WHERE handle = '{own}'"), CultureInfo.InvariantCulture), described, tried);
        foreach (var speaker in speakers)
        {
            await speaker.DisposeAsync();
        }

        async Task SayUntilItEndsAsync(SocketIOPeer speaker)
        {
            for (var number = 0; ; number++)
            {
                var asked = speaker.AskAsync("chat_message", new { message = $"Line {number}", robot_id = robot.Handle });
                await Eventually.TrueAsync(() => asked.IsCompleted || !speaker.IsConnected, Patience);
                if (!asked.IsCompletedSuccessfully)
                {
                    return;
                }

                var line = await asked;
                Assert.True(line.GetProperty("ok").GetBoolean(), line.GetRawText());
                lock (said)
                {
                    said.Add(line.GetProperty("_id").GetString()!);
                }
            }
        }

        async Task DescribeUntilItEndsAsync()
        {
            try
            {
                while (true)
                {
                    Interlocked.Increment(ref tried);
                    await AskAsync(owner, $"api/v1/robots/{own}", new { robot_description = tried.ToString(CultureInfo.InvariantCulture) });
                    Volatile.Write(ref described, tried);
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                // The service has ended.
            }
        }

        Task<string> QueryAsync(string query) => ChildProcess.RunAsync(
            "/usr/bin/python3",
            ["-c", "import sqlite3, sys; print(*[row[0] for row in sqlite3.connect(sys.argv[1]).execute(sys.argv[2])], sep='\\n', end='')", Path.Combine(services.Store.Directory, "liverobot.db"), query]);
    }

    private static int Count(List<string> said)
    {
        lock (said)
        {
            return said.Count;
        }
    }

    private static async Task<JsonElement> AskAsync(HttpClient client, string path, object body)
    {
        using var answer = await client.PostAsJsonAsync(path, body);
        answer.EnsureSuccessStatusCode();
        return JsonElement.Parse(await answer.Content.ReadAsStringAsync());
    }
}
