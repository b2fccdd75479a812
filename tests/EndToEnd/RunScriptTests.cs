using System.Globalization;
using System.Net;
using System.Net.Sockets;

using LiveRobot.Testing;

namespace LiveRobot.EndToEnd;

/// <summary>The one command of the README.</summary>
public sealed class RunScriptTests : IDisposable
{
    private static readonly string[] PortNames = ["Api", "ApiTls", "User", "Control", "Status", "Chat", "Video", "Audio"];

    private readonly TemporaryFolder _data = new();
    private readonly Dictionary<string, string> _environment =
        PortNames.ToDictionary(name => $"Ports__{name}", _ => FreePorts.Take().ToString(CultureInfo.InvariantCulture));

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task It_starts_everything_and_Ctrl_C_ends_everything_and_a_second_start_builds_nothing()
    {
        await using (var first = Start())
        {
            await ReadyAsync(first);
            Assert.Contains("\"video\":\"flowing\"", await RobotsAsync(), StringComparison.Ordinal);
            await EndAsync(first);
        }

        await using var second = Start();
        await ReadyAsync(second);
        Assert.DoesNotContain(second.Lines, line => line.Contains("Building", StringComparison.Ordinal));
        Assert.Contains("\"video\":\"flowing\"", await RobotsAsync(), StringComparison.Ordinal);
        await EndAsync(second);
    }

    [Fact]
    public async Task The_end_of_the_demo_robot_ends_nothing_else_and_it_comes_back()
    {
        await using var script = Start();
        await ReadyAsync(script);

        foreach (var client in FindProcesses().Where(process => process.CommandLine.Contains("RobotClient.dll", StringComparison.Ordinal)))
        {
            await ChildProcess.RunAsync("kill", ["-KILL", client.Id]);
        }

        await script.WaitForLineAsync(line => line.Contains("The demo robot has ended", StringComparison.Ordinal));
        await Eventually.TrueAsync(async () => (await RobotsAsync()).Contains("\"video\":\"none\"", StringComparison.Ordinal));
        await Eventually.TrueAsync(async () => (await RobotsAsync()).Contains("\"video\":\"flowing\"", StringComparison.Ordinal));
        await EndAsync(script);
    }

    [Fact]
    public async Task Without_the_demo_there_is_no_robot()
    {
        await using var script = Start("--no-demo");
        await ReadyAsync(script);

        Assert.Equal("""{"robots":[]}""", await RobotsAsync());
        await EndAsync(script);
    }

    [Theory]
    [InlineData("Api")]
    [InlineData("Audio")]
    public async Task A_busy_port_ends_it_with_one_line_that_names_the_port(string name)
    {
        var port = _environment[$"Ports__{name}"];
        using var other = new TcpListener(IPAddress.Loopback, int.Parse(port, CultureInfo.InvariantCulture));
        other.Start();
        await using var script = Start();

        await script.WaitForExitAsync();

        Assert.Equal(1, script.ExitCode);
        Assert.Equal(
            $"run.sh: port {port} is in use by another program: stop it, or choose other ports (see --help)",
            Assert.Single(script.Lines, line => !line.Contains('»', StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_unknown_option_is_refused()
    {
        await using var script = Start("--fast");

        await script.WaitForExitAsync();

        Assert.Equal(2, script.ExitCode);
        Assert.Equal("run.sh: unknown option --fast (see --help)", Assert.Single(script.Lines));
    }

    private static Task<string> ReadyAsync(ChildProcess script) =>
        script.WaitForLineAsync(line => line.Contains("LiveRobot is ready: http://localhost:", StringComparison.Ordinal), TimeSpan.FromMinutes(10));

    private ChildProcess Start(params string[] options) =>
        ChildProcess.Start(Path.Combine(Repository.Root, "run.sh"), ["--data", _data.Path, .. options], _environment);

    private async Task<string> RobotsAsync()
    {
        using var client = new HttpClient();
        return await client.GetStringAsync(new Uri($"http://localhost:{_environment["Ports__Api"]}/api/v1/robots"));
    }

    /// <summary>Interrupts the script as Ctrl-C does, and waits until nothing is left of what it started.</summary>
    private async Task EndAsync(ChildProcess script)
    {
        Assert.NotEmpty(FindProcesses());

        script.Signal("INT");
        await script.WaitForExitAsync(TimeSpan.FromSeconds(30));

        await Eventually.TrueAsync(() => FindProcesses().Count == 0, TimeSpan.FromSeconds(5), "nothing is left");
    }

    /// <summary>Lists the processes that bear this test's folder or ports: the services, the robot client, its ffmpegs.</summary>
    private List<(string Id, string CommandLine)> FindProcesses()
    {
        string[] marks = [_data.Path, $":{_environment["Ports__Api"]}", $":{_environment["Ports__Video"]}/", $":{_environment["Ports__Audio"]}/"];
        var found = new List<(string Id, string CommandLine)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])))
        {
            try
            {
                var commandLine = File.ReadAllText(Path.Combine(folder, "cmdline"));
                if (marks.Any(mark => commandLine.Contains(mark, StringComparison.Ordinal)))
                {
                    found.Add((Path.GetFileName(folder), commandLine.Replace('\0', ' ')));
                }
            }
            catch (IOException)
            {
                // It ended meanwhile.
            }
        }

        return found;
    }
}
