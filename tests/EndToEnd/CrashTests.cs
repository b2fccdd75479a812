using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

using LiveRobot.Testing;

namespace LiveRobot.EndToEnd;

/// <summary>The server's process ends without a warning, or several begin at once: nothing that was acknowledged is lost.</summary>
public sealed class CrashTests
{
    private const int Clients = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly Dictionary<string, string> NoLimits = new()
    {
        ["Accounts__SignUpsPerAddress"] = "1000000",
        ["Accounts__ApiKeysPerAccount"] = "10000",
    };

    private static string Program => Repository.Program("LiveRobot");

    [Fact]
    public async Task What_was_acknowledged_is_there_after_the_server_was_killed_under_load()
    {
        await using var installation = await Installation.StartAsync(NoLimits);
        var writers = await Task.WhenAll(Enumerable.Range(0, Clients).Select(number => Writer.StartAsync(installation, number)));
        for (var round = 0; round < (RandomInput.IsLong ? 30 : 1); round++)
        {
            var before = writers.Sum(writer => writer.Acknowledged);
            var writing = writers.Select(writer => writer.WriteUntilItFailsAsync()).ToArray();
            await Eventually.TrueAsync(() => writers.Sum(writer => writer.Acknowledged) >= before + (10 * Clients), Patience);

            await installation.KillServerAsync();
            await Task.WhenAll(writing).WaitAsync(Patience);
            await installation.StartServerAsync();

            foreach (var writer in writers)
            {
                await writer.CheckAsync();
            }
        }
    }

    /// <summary>The server's services are processes that may start at the same moment; on a file of the first version each would have to change the tables.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Processes_that_start_at_once_find_a_whole_store(bool isOld)
    {
        using var data = new TemporaryFolder();
        if (isOld)
        {
            await ChildProcess.RunAsync(
                "/usr/bin/python3",
                [
                    "-c", "import sqlite3, sys; sqlite3.connect(sys.argv[2]).executescript(open(sys.argv[1]).read())",
                    Path.Combine(AppContext.BaseDirectory, "stores/first-version.sql"), data.File("liverobot.db"),
                ]);
        }

        var processes = Enumerable.Range(0, 3)
            .Select(number => ChildProcess.RunAsync("dotnet", [Program, "accounts", "add", $"person{number}", "--data", data.Path]))
            .ToArray();
        await Task.WhenAll(processes);

        string[] people = ["person0", "person1", "person2"];
        Assert.Equal(
            isOld ? ["alice", .. people] : people,
            (await ChildProcess.RunAsync("dotnet", [Program, "accounts", "list", "--data", data.Path])).Split('\n'));
        Assert.Equal(
            isOld ? "rover  \"Rover\" of alice, public, camera 7" : "",
            await ChildProcess.RunAsync("dotnet", [Program, "robots", "list", "--data", data.Path]));
    }

    /// <summary>Somebody who writes as fast as the server takes it, and knows what it has acknowledged.</summary>
    private sealed class Writer
    {
        private readonly HttpClient _client;
        private readonly string _robot;
        private readonly int _number;
        private readonly ConcurrentQueue<string> _names = [];
        private readonly ConcurrentQueue<string> _keys = [];
        private int _tried;
        private int _described;
        private int _acknowledged;

        private Writer(HttpClient client, string robot, int number) => (_client, _robot, _number) = (client, robot, number);

        public int Acknowledged => Volatile.Read(ref _acknowledged);

        public static async Task<Writer> StartAsync(Installation installation, int number)
        {
            var client = new HttpClient { BaseAddress = new Uri(installation.Url) };
            await AskAsync(client, "/api/v1/register", new { username = $"writer{number}", password = "correct horse" });
            var robot = await AskAsync(client, "/api/v1/robots", new { name = $"Rover {number}" });
            return new Writer(client, $"/api/v1/robots/{robot.GetProperty("handle").GetString()}", number);
        }

        public async Task WriteUntilItFailsAsync()
        {
            try
            {
                while (true)
                {
                    _tried++;
                    await AskAsync(_client, _robot, new { robot_description = $"{_tried}" });
                    _described = _tried;
                    Interlocked.Increment(ref _acknowledged);
                    var key = await AskAsync(_client, "/api/v1/account/keys", new { name = $"key {_tried}" });
                    _keys.Enqueue(key.GetProperty("key").GetString()!);
                    Interlocked.Increment(ref _acknowledged);

                    // With a client that has no session of its own to lose.
                    using var stranger = new HttpClient { BaseAddress = _client.BaseAddress };
                    var name = $"w{_number}-{_tried}";
                    await AskAsync(stranger, "/api/v1/register", new { username = name, password = "correct horse" });
                    _names.Enqueue(name);
                    Interlocked.Increment(ref _acknowledged);
                }
            }
            catch (HttpRequestException exception) when (exception.StatusCode is null)
            {
                // The server was killed.
            }
            catch (IOException)
            {
                // So it was in the middle of an answer.
            }
        }

        public async Task CheckAsync()
        {
            // What was on its way when the server ended may be there or not.
            var robot = await GetAsync(_robot, key: null);
            Assert.InRange(int.Parse(robot.GetProperty("robot_description").GetString()!, System.Globalization.CultureInfo.InvariantCulture), _described, _tried);
            Assert.Equal($"writer{_number}", (await GetAsync("/api/v1/account", key: null)).GetProperty("username").GetString());
            foreach (var name in _names)
            {
                Assert.Equal(name, (await GetAsync($"/api/v1/accounts/{name}", key: null)).GetProperty("username").GetString());
            }

            foreach (var key in _keys)
            {
                await GetAsync("/api/v1/account/robots", key);
            }
        }

        private static async Task<JsonElement> AskAsync(HttpClient client, string path, object body)
        {
            using var answer = await client.PostAsJsonAsync(path, body);
            answer.EnsureSuccessStatusCode();
            return JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        }

        private async Task<JsonElement> GetAsync(string path, string? key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (key is not null)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            }

            using var answer = await _client.SendAsync(request);
            answer.EnsureSuccessStatusCode();
            return JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        }
    }
}
