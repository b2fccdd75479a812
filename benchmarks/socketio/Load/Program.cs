// Runs the loads against this library's server and the reference, interleaved, and prints the medians.
//   Load OUR-SERVER.dll REFERENCE/server.js [runs] [scenario,scenario]
using SocketIO.Benchmark;

string[] ours = ["dotnet", args[0], "--urls", "http://127.0.0.1:PORT"];
string[] reference = ["node", "--expose-gc", args[1], "PORT"];
var runs = args.Length > 2 ? int.Parse(args[2]) : 5;
var chosen = args.Length > 3 ? args[3].Split(',') : null;
(string Name, string Unit, Func<ServerProcess, Task<Cost>> Run)[] scenarios =
[
    ("fan-in", "200 senders x 20/s to one; µs per delivery", server => Scenario.DeliverAsync(server, 200, 20, 1)),
    ("fan-out-500", "one sender x 10/s to 500; µs per delivery", server => Scenario.DeliverAsync(server, 1, 10, 500)),
    ("fan-out-5000", "one sender x 10/s to 5,000; µs per delivery", server => Scenario.DeliverAsync(server, 1, 10, 5000)),
    ("idle", "10,000 connections, ping every 5 s; µs per connection and second, kB per connection", server => Scenario.IdleAsync(server, 10_000)),
    ("connects", "500 connects and disconnects per second; µs per connect", server => Scenario.ConnectAsync(server, 500)),
];

Console.WriteLine("| scenario | server | CPU µs | p50 ms | p99 ms | max ms | memory kB | allocated B | CPU ratio |");
Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
foreach (var (name, unit, run) in scenarios)
{
    if (chosen?.Contains(name) == false)
    {
        continue;
    }

    var costs = new Dictionary<string, List<Cost>> { ["SocketIO"] = [], ["socket.io"] = [] };
    for (var i = 0; i < runs; i++)
    {
        foreach (var (server, command) in ((string, string[])[])[("SocketIO", ours), ("socket.io", reference)])
        {
            using var process = await ServerProcess.StartAsync(command);
            costs[server].Add(await run(process));
        }
    }

    double Median(string server, Func<Cost, double> value) => costs[server].Select(value).Order().ElementAt(runs / 2);
    foreach (var server in costs.Keys)
    {
        var ratio = server == "SocketIO" ? $"{Median("SocketIO", cost => cost.CpuMicroseconds) / Median("socket.io", cost => cost.CpuMicroseconds):0.00}" : "";
        Console.WriteLine(
            $"| {name}: {unit} | {server} | {Median(server, cost => cost.CpuMicroseconds):0.0} | {Median(server, cost => cost.P50):0.00} | {Median(server, cost => cost.P99):0.00} | "
            + $"{Median(server, cost => cost.Max):0.0} | {Median(server, cost => cost.Kilobytes):0.0} | {Median(server, cost => cost.AllocatedBytes):0} | {ratio} |");
    }
}
