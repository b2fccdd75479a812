using System.Net;
using System.Net.Http.Json;

using LiveRobot.Testing;

namespace LiveRobot.EndToEnd;

/// <summary>The owner's command line.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly TemporaryFolder _data = new();

    private static string Program => Repository.Program("LiveRobot");

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task A_robot_that_was_added_is_listed_without_its_secrets()
    {
        var added = await RunAsync("robots", "add", "My Rover", "--owner", "alice", "--json");
        var robot = System.Text.Json.JsonElement.Parse(added);
        Assert.Equal(
            ["robot_id", "handle", "camera_id", "stream_key"],
            robot.EnumerateObject().Select(field => field.Name));

        var list = await RunAsync("robots", "list");

        Assert.Equal("my-rover  \"My Rover\" of alice, public, camera 1", list);
        Assert.DoesNotContain(robot.GetProperty("robot_id").GetString()!, list, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_private_robot_is_in_no_list_and_opens_with_the_link_that_its_owner_makes_until_it_is_withdrawn()
    {
        await using var installation = await Installation.StartAsync();
        var robot = await installation.AddRobotAsync("Rover");
        await installation.RunAsync("robots", "set", robot.Handle, "--visibility", "private");
        using var client = new HttpClient();
        var page = new Uri($"{installation.Url}/api/v1/robots/{robot.Handle}");

        Assert.Equal(0, (await installation.GetAsync("/api/v1/robots")).GetProperty("robots").GetArrayLength());
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await client.GetAsync(page)).StatusCode);
        var link = new Uri(await installation.RunAsync("robots", "watch-link", robot.Handle, "--site", installation.Url));
        Assert.StartsWith($"{installation.Url}/robot/{robot.Handle}?token=", link.AbsoluteUri, StringComparison.Ordinal);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await client.GetAsync(new Uri(page, link.Query))).StatusCode);
        await installation.RunAsync("robots", "withdraw-links", robot.Handle);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await client.GetAsync(new Uri(page, link.Query))).StatusCode);
    }

    [Theory]
    [InlineData("set", "--visibility", "private")]
    [InlineData("watch-link", "--days", "1")]
    public async Task A_command_for_a_robot_that_is_not_there_says_so(string command, string option, string value)
    {
        await using var process = ChildProcess.Start("dotnet", [Program, "robots", command, "nobody", option, value, "--data", _data.Path]);

        await process.WaitForExitAsync();

        Assert.Equal(1, process.ExitCode);
        Assert.Equal("There is no robot of this handle.", Assert.Single(process.Lines));
    }

    /// <summary>As the README has it: the server and the owner's command must mean the same <c>./data</c>.</summary>
    [Fact]
    public async Task By_dotnet_run_the_data_lies_in_the_folder_that_it_was_called_in()
    {
        var project = Path.Combine(Repository.Root, "src/LiveRobot");
        await ChildProcess.RunAsync("sh", ["-c", $"cd '{_data.Path}' && dotnet run --no-build --project '{project}' -- robots list"]);

        Assert.True(File.Exists(_data.File("data/liverobot.db")));
    }

    [Fact]
    public async Task A_name_that_robots_cannot_bear_is_refused_with_one_line()
    {
        await using var process = ChildProcess.Start("dotnet", [Program, "robots", "add", "a]b", "--owner", "alice", "--data", _data.Path]);

        await process.WaitForExitAsync();

        Assert.Equal(1, process.ExitCode);
        Assert.Equal("A robot's name has no control characters and no ']'.", Assert.Single(process.Lines));
    }

    [Fact]
    public async Task A_robot_added_beside_a_running_server_appears_in_it_and_is_paired()
    {
        await using var installation = await Installation.StartAsync();

        var robot = await installation.AddRobotAsync("Late Rover");

        var listed = (await installation.GetAsync("/api/v1/robots")).GetProperty("robots");
        Assert.Equal(robot.Handle, listed[0].GetProperty("handle").GetString());
        Assert.Equal("localhost", (await installation.GetAsync($"/get_control_host_port/{robot.RobotId}")).GetProperty("host").GetString());

        using var client = new HttpClient { BaseAddress = new Uri(installation.Url) };
        using var paired = await client.PostAsJsonAsync("/api/v1/pair", new { code = await installation.RunAsync("robots", "pair", robot.Handle) });
        Assert.Equal(robot.RobotId, System.Text.Json.JsonElement.Parse(await paired.Content.ReadAsStringAsync()).GetProperty("robot_id").GetString());
    }

    [Fact]
    public async Task The_password_of_an_account_is_printed_when_it_is_added_and_when_it_is_reset_beside_a_running_server()
    {
        await using var installation = await Installation.StartAsync();
        var first = Password(await installation.RunAsync("accounts", "add", "alice", "--admin"));
        using var client = new HttpClient { BaseAddress = new Uri(installation.Url) };
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(client, first));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/api/v1/account"));

        var second = Password(await installation.RunAsync("accounts", "reset", "alice"));

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(client, "/api/v1/account"));
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(client, first));
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(client, second));
        Assert.Equal("alice  administrator", await installation.RunAsync("accounts", "list"));
        Assert.Equal("", await installation.RunAsync("accounts", "code"));
    }

    [Fact]
    public async Task A_backup_is_made_beside_the_running_server_and_restored_when_it_has_ended()
    {
        await using var installation = await Installation.StartAsync();
        var robot = await installation.AddRobotAsync("Rover");
        var file = _data.File("backup.db");

        await installation.RunAsync("backup", file);
        await installation.AddRobotAsync("Late Rover");
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => installation.RunAsync("restore", file));
        Assert.EndsWith("Stop it first.", refused.Message, StringComparison.Ordinal);
        await installation.KillServerAsync();
        Assert.StartsWith("Restored. What was there before is kept as ", await installation.RunAsync("restore", file), StringComparison.Ordinal);
        await installation.StartServerAsync();

        Assert.Equal(robot.Handle, Assert.Single((await installation.GetAsync("/api/v1/robots")).GetProperty("robots").EnumerateArray()).GetProperty("handle").GetString());
        await installation.GetAsync($"/get_control_host_port/{robot.RobotId}");
    }

    [Fact]
    public async Task An_installation_that_moved_to_PostgreSQL_is_as_it_was_without_the_file()
    {
        await using var installation = await Installation.StartAsync();
        var password = Password(await installation.RunAsync("accounts", "add", "alice"));
        await installation.RunAsync("accounts", "add", "mallory");
        var robot = await installation.AddRobotAsync("Rover");
        using var alice = new HttpClient { BaseAddress = new Uri(installation.Url) };
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(alice, password));
        using var banned = await alice.PostAsJsonAsync("/api/v1/robots/rover/bans", new { account = "mallory", reason = "spam" });
        Assert.Equal(HttpStatusCode.Created, banned.StatusCode);
        var chat = new Uri($"http://localhost:{installation.Port("Chat")}");
        await using (var viewer = await SocketIOPeer.ConnectAsync(chat))
        {
            Assert.True((await viewer.AskAsync("select_robot", "rover")).GetProperty("ok").GetBoolean());
            Assert.True((await viewer.AskAsync("chat_message", new { message = "hello" })).GetProperty("ok").GetBoolean());
        }

        var database = PostgresServer.Shared.CreateDatabase();
        var early = await Assert.ThrowsAsync<InvalidOperationException>(() => installation.CopyToPostgresAsync(database));
        Assert.EndsWith("Stop it first.", early.Message, StringComparison.Ordinal);
        await installation.KillServerAsync();
        var copied = await installation.CopyToPostgresAsync(database);
        Assert.Matches(@"\n +1  robots\n", copied);
        Assert.Contains("Copied and counted in both: ", copied, StringComparison.Ordinal);
        var twice = await Assert.ThrowsAsync<InvalidOperationException>(() => installation.CopyToPostgresAsync(database));
        Assert.EndsWith("Nothing was copied.", twice.Message, StringComparison.Ordinal);
        installation.UsePostgres(database);
        await installation.StartServerAsync();

        // The cookie of before, the robot-id and the stream key that the master key opens, the ban, and the line.
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(alice, "/api/v1/account"));
        var credentials = await alice.GetFromJsonAsync<System.Text.Json.JsonElement>("/api/v1/robots/rover/credentials");
        Assert.Equal(robot.RobotId, credentials.GetProperty("robot_id").GetString());
        var camera = Assert.Single(credentials.GetProperty("cameras").EnumerateArray());
        Assert.Equal((robot.CameraId, robot.StreamKey), (camera.GetProperty("camera_id").GetInt32(), camera.GetProperty("stream_key").GetString()));
        await installation.GetAsync($"/get_control_host_port/{robot.RobotId}");
        var bans = await alice.GetFromJsonAsync<System.Text.Json.JsonElement>("/api/v1/robots/rover/bans");
        Assert.Equal("mallory", Assert.Single(bans.GetProperty("bans").EnumerateArray()).GetProperty("name").GetString());
        await using var newcomer = await SocketIOPeer.ConnectAsync(chat);
        await newcomer.AskAsync("select_robot", "rover");
        Assert.Equal("[Rover] hello", Assert.Single((await newcomer.WaitForAsync("chat_history")).EnumerateArray()).GetProperty("message").GetString());
        using var elsewhere = new HttpClient { BaseAddress = alice.BaseAddress };
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(elsewhere, password));
    }

    [Theory]
    [InlineData("restore", "There is no file")]
    [InlineData("backup", "There is no store")]
    public async Task A_backup_that_cannot_be_had_is_refused_with_one_line(string command, string error)
    {
        await using var process = ChildProcess.Start("dotnet", [Program, command, _data.File("backup.db"), "--data", _data.File("data")]);

        await process.WaitForExitAsync();

        Assert.Equal(1, process.ExitCode);
        Assert.StartsWith(error, Assert.Single(process.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_an_administrator_prints_a_code_that_makes_one()
    {
        await using var installation = await Installation.StartAsync();
        await Eventually.TrueAsync(() => installation.Log.Any(line => line.Contains("one-time code: ", StringComparison.Ordinal)));
        var code = installation.Log.Single(line => line.Contains("one-time code: ", StringComparison.Ordinal)).Split("one-time code: ")[1];
        using var client = new HttpClient { BaseAddress = new Uri(installation.Url) };

        using var answer = await client.PostAsJsonAsync("/api/v1/register", new { username = "alice", password = "correct horse", code });

        Assert.Equal("alice  administrator", await installation.RunAsync("accounts", "list"));
    }

    [Theory]
    [InlineData("anonymous1", "This name is reserved.")]
    [InlineData("al", "A name has 3 to 15 letters (A-Z, a-z), digits, '_' or '-'.")]
    public async Task An_account_whose_name_breaks_a_rule_is_refused_with_one_line(string name, string error)
    {
        await using var process = ChildProcess.Start("dotnet", [Program, "accounts", "add", name, "--data", _data.Path]);

        await process.WaitForExitAsync();

        Assert.Equal(1, process.ExitCode);
        Assert.Equal(error, Assert.Single(process.Lines));
    }

    private static string Password(string output) => output.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];

    private static async Task<HttpStatusCode> SignInAsync(HttpClient client, string password)
    {
        using var answer = await client.PostAsJsonAsync("/api/v1/authenticate", new { username = "alice", password });
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        return answer.StatusCode;
    }

    private Task<string> RunAsync(params string[] arguments) =>
        ChildProcess.RunAsync("dotnet", [Program, .. arguments, "--data", _data.Path]);
}
