using System.Globalization;

using LiveRobot.Testing;

namespace LiveRobot.EndToEnd;

/// <summary>Each service as a process of its own, and what it says when it cannot start.</summary>
public sealed class ServicesAloneTests : IDisposable
{
    private readonly TemporaryFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData("Api", new[] { "Api", "ApiTls" })]
    [InlineData("ControlSocket", new[] { "Control" })]
    [InlineData("ChatSocket", new[] { "Chat", "User" })]
    [InlineData("StatusSocket", new[] { "Status" })]
    [InlineData("VideoRelay", new[] { "Video", "Audio" })]
    public async Task A_service_runs_alone_on_its_ports(string service, string[] names)
    {
        var ports = names.ToDictionary(name => name, _ => FreePorts.Take());
        await using var process = Start(service, ports.ToDictionary(port => $"Ports__{port.Key}", port => Text(port.Value)));

        using var client = new HttpClient();
        foreach (var port in ports.Values)
        {
            await Eventually.TrueAsync(async () =>
            {
                Assert.False(process.HasExited, string.Join('\n', process.Lines));
                try
                {
                    return await client.GetStringAsync(new Uri($"http://localhost:{port}/healthz")) == "ok\n";
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            });
            Assert.Equal("{\"ready\":true,\"reasons\":{}}", await client.GetStringAsync(new Uri($"http://localhost:{port}/readyz")));
        }

        process.Signal("TERM");
        await process.WaitForExitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(0, process.ExitCode);
    }

    [Theory]
    [InlineData("Presence__LiveLifetime", "-00:00:01", "LiveLifetime")]
    [InlineData("Ports__Status", "70000", "Status")]
    [InlineData("Ports__Status", "many", "Ports:Status")]
    [InlineData("Redis__Configuration", "password=secret", "Redis:Configuration")]
    [InlineData("Tls__CertificatePath", "/nowhere/server.pem", "Tls:KeyPath")]
    public async Task A_wrong_setting_stops_the_process_with_one_readable_line(string name, string value, string named)
    {
        await using var process = Start("StatusSocket", new Dictionary<string, string> { ["Ports__Status"] = Text(FreePorts.Take()), [name] = value });

        await process.WaitForExitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(1, process.ExitCode);
        Assert.StartsWith("Wrong setting:", Assert.Single(process.Lines), StringComparison.Ordinal);
        Assert.Contains(named, process.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_busy_port_stops_the_process_with_one_readable_line()
    {
        var settings = new Dictionary<string, string> { ["Ports__Status"] = Text(FreePorts.Take()) };
        await using var first = Start("StatusSocket", settings);
        using var client = new HttpClient();
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                return await client.GetStringAsync(new Uri($"http://localhost:{settings["Ports__Status"]}/healthz")) == "ok\n";
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });

        await using var second = Start("StatusSocket", settings);
        await second.WaitForExitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(1, second.ExitCode);
        Assert.Contains(settings["Ports__Status"], Assert.Single(second.Lines), StringComparison.Ordinal);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private ChildProcess Start(string service, IReadOnlyDictionary<string, string> settings) => ChildProcess.Start(
        "dotnet",
        [Repository.Program(service)],
        new Dictionary<string, string>(settings) { ["Storage__Directory"] = _data.Path });
}
