// Runs the loads against this library's server and the reference, interleaved, and prints the medians.
//   Load OUR-SERVER.dll REFERENCE/server.js [runs] [scenario,scenario]
using System.Globalization;

using SocketIO.Benchmark;

const string Ours = "SocketIO";
const string Reference = "socket.io";
var commands = new Dictionary<string, string[]>
{
    [Ours] = ["dotnet", args[0], "--urls", "http://127.0.0.1:PORT"],
    [Reference] = ["node", "--expose-gc", args[1], "PORT"],
};
var runs = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 5;
var chosen = args.Length > 3 ? args[3].Split(',') : null;
(string Name, string Unit, Func<ServerProcess, Task<Cost>> Run)[] scenarios =
[
    ("fan-in", "200 senders x 20/s to one; per delivery", server => Scenario.DeliverAsync(server, 200, 20, 1)),
    ("fan-out-500", "one sender x 10/s to 500; per delivery", server => Scenario.DeliverAsync(server, 1, 10, 500)),
    // Ten a second would take the reference more than its core.
    ("fan-out-5000", "one sender x 5/s to 5,000; per delivery", server => Scenario.DeliverAsync(server, 1, 5, 5000)),
    ("idle", "10,000 connections, ping every 5 s; per connection, CPU per second", server => Scenario.IdleAsync(server, 10_000)),
    ("connects", "500 connects and disconnects per second; per connect", server => Scenario.ConnectAsync(server, 500)),
];

Console.WriteLine("| scenario | server | CPU µs | CPU ratio | p50 ms | p99 ms | max ms | memory kB | allocated B | valid runs |");
Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
foreach (var (name, unit, run) in scenarios.Where(scenario => chosen?.Contains(scenario.Name) != false))
{
    var costs = new Dictionary<string, List<Cost>> { [Ours] = [], [Reference] = [] };
    for (var i = 0; i < runs; i++)
    {
        foreach (var (server, command) in commands)
        {
            using var process = await ServerProcess.StartAsync(command);
            try
            {
                costs[server].Add(await run(process));
            }
            catch (VoidRunException exception)
            {
                Console.Error.WriteLine($"{name}, {server}: void: {exception.Message}");
            }
        }
    }

    foreach (var server in commands.Keys)
    {
        string Median(Func<Cost, double> value, string format) =>
            costs[server] is { Count: > 0 } valid && valid.Select(value).Order().ElementAt(valid.Count / 2) is not 0 and var median
                ? median.ToString(format, CultureInfo.InvariantCulture)
                : "";
        var ratio = server == Ours && costs.Values.All(valid => valid.Count > 0)
            ? (MedianCpu(costs[Ours]) / MedianCpu(costs[Reference])).ToString("0.00", CultureInfo.InvariantCulture)
            : "";
        Console.WriteLine(
            $"| {name}: {unit} | {server} | {Median(cost => cost.CpuMicroseconds, "0.0")} | {ratio} | {Median(cost => cost.P50, "0.00")} | {Median(cost => cost.P99, "0.00")} "
            + $"| {Median(cost => cost.Max, "0.0")} | {Median(cost => cost.Kilobytes, "#,0.0")} | {Median(cost => cost.AllocatedBytes, "0")} | {costs[server].Count} of {runs} |");
    }
}

static double MedianCpu(List<Cost> costs) => costs.Select(cost => cost.CpuMicroseconds).Order().ElementAt(costs.Count / 2);
