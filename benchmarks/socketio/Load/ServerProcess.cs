using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SocketIO.Benchmark;

/// <summary>A server in a process of its own, pinned to the first core, and what it costs.</summary>
internal sealed class ServerProcess : IDisposable
{
    private const double ClockTicksPerSecond = 100;
    private readonly Process _process;
    private readonly HttpClient _http = new();

    private ServerProcess(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    /// <summary>Gets user and system time so far, in seconds.</summary>
    public double CpuSeconds
    {
        get
        {
            var fields = File.ReadAllText($"/proc/{_process.Id}/stat").Split(") ")[1].Split(' ');
            return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / ClockTicksPerSecond;
        }
    }

    /// <summary>Gets the resident memory in kB.</summary>
    public double ResidentKilobytes => double.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmRSS", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);

    public static async Task<ServerProcess> StartAsync(string[] command)
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        string[] all = ["-c", "0", .. command.Select(part => part.Replace("PORT", $"{port}", StringComparison.Ordinal))];
        var start = new ProcessStartInfo("taskset", all) { RedirectStandardOutput = true };
        var server = new ServerProcess(Process.Start(start)!, port);
        while (true)
        {
            try
            {
                await server.CollectAsync();
                return server;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(50);
            }
        }
    }

    /// <summary>Makes the server collect all garbage; gives the bytes it has allocated so far, 0 if it does not know.</summary>
    public async Task<long> CollectAsync() => long.Parse(await _http.GetStringAsync($"http://127.0.0.1:{Port}/gc"), CultureInfo.InvariantCulture);

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _http.Dispose();
    }
}
