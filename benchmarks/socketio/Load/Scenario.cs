using System.Buffers.Text;
using System.Diagnostics;
using System.Text;

namespace SocketIO.Benchmark;

/// <summary>What one run of a scenario cost the server.</summary>
/// <param name="CpuMicroseconds">Per delivery, connection and second, or connect, as the scenario says.</param>
/// <param name="P50">Latency in ms; with the others 0 where nothing is delivered.</param>
/// <param name="Kilobytes">Resident memory: all of it, or per connection where the scenario says so.</param>
/// <param name="AllocatedBytes">Per delivery; 0 if the server does not know.</param>
internal sealed record Cost(double CpuMicroseconds, double P50, double P99, double Max, double Kilobytes, double AllocatedBytes);

/// <summary>What was sent did not arrive once and in order, so the run says nothing.</summary>
internal sealed class VoidRunException(string message) : Exception(message);

/// <summary>The loads. Each checks that every event arrived once and in order, in a packet of its own; otherwise the run is void.</summary>
internal static class Scenario
{
    /// <summary>Long enough that both run compiled code and .NET no longer instruments it.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(8);

    /// <summary>Many senders, many receivers; CPU and allocation per delivery.</summary>
    public static async Task<Cost> DeliverAsync(ServerProcess server, int senders, int perSecond, int receivers)
    {
        var deliveries = 0L;
        var isMeasuring = false;
        var latencies = new List<long>(1 << 20);
        var clients = new List<Client>();
        for (var i = 0; i < receivers; i++)
        {
            var next = new int[senders];
            clients.Add(await Client.ConnectAsync(server.Port, receives: true, packet =>
            {
                var now = Stopwatch.GetTimestamp();
                var (sender, number, sent) = Read(packet.Span);
                if (next[sender]++ != number)
                {
                    throw new VoidRunException($"event {number} of sender {sender} came in place of {next[sender] - 1}.");
                }

                Interlocked.Increment(ref deliveries);
                if (isMeasuring)
                {
                    lock (latencies)
                    {
                        latencies.Add(now - sent);
                    }
                }
            }));
        }

        var sending = new List<Client>();
        for (var i = 0; i < senders; i++)
        {
            sending.Add(await Client.ConnectAsync(server.Port, receives: false));
        }

        var sentEvents = 0L;
        var numbers = new int[senders];
        var watch = Stopwatch.StartNew();
        double cpu = 0;
        long before = 0, allocated = 0;
        var rate = (double)senders * perSecond;
        while (watch.Elapsed < WarmUp + Measured)
        {
            if (!isMeasuring && watch.Elapsed > WarmUp)
            {
                allocated = await server.CollectAsync();
                cpu = server.CpuSeconds;
                before = Interlocked.Read(ref deliveries);
                isMeasuring = true;
            }

            // Spread evenly over the second, as people would.
            while (sentEvents < watch.Elapsed.TotalSeconds * rate)
            {
                var sender = (int)(sentEvents % senders);
                sending[sender].Send(Encoding.ASCII.GetBytes(
                    $"42[\"m\",{{\"s\":{sender},\"n\":{numbers[sender]++},\"t\":{Stopwatch.GetTimestamp()},\"robot\":\"r1234\",\"command\":\"F\",\"key_position\":\"down\"}}]"));
                sentEvents++;
            }

            await Task.Delay(1);
        }

        isMeasuring = false;
        var cost = server.CpuSeconds - cpu;
        var delivered = Interlocked.Read(ref deliveries) - before;
        allocated = await server.CollectAsync() - allocated;
        var memory = server.ResidentKilobytes;
        for (var wait = 0; Interlocked.Read(ref deliveries) < sentEvents * receivers && wait < 500; wait++)
        {
            await Task.Delay(10);
        }

        if (Interlocked.Read(ref deliveries) != sentEvents * receivers || clients.Concat(sending).Any(client => client.IsLost))
        {
            throw new VoidRunException($"{deliveries} of {sentEvents * receivers} deliveries.");
        }

        clients.ForEach(client => client.Dispose());
        sending.ForEach(client => client.Dispose());
        latencies.Sort();
        double At(double part) => latencies[(int)((latencies.Count - 1) * part)] * 1000.0 / Stopwatch.Frequency;
        return new Cost(cost * 1e6 / delivered, At(0.5), At(0.99), At(1), memory, (double)allocated / delivered);
    }

    /// <summary>Connections that only answer pings; CPU per connection and second, memory per connection.</summary>
    public static async Task<Cost> IdleAsync(ServerProcess server, int connections)
    {
        var clients = new List<Client>();
        for (var i = 0; i < connections / 10; i++)
        {
            clients.Add(await Client.ConnectAsync(server.Port, receives: false));
        }

        await server.CollectAsync();
        var memory = server.ResidentKilobytes;
        while (clients.Count < connections)
        {
            clients.Add(await Client.ConnectAsync(server.Port, receives: false));
        }

        await Task.Delay(TimeSpan.FromSeconds(6));
        await server.CollectAsync();
        memory = server.ResidentKilobytes - memory;
        var cpu = server.CpuSeconds;
        await Task.Delay(TimeSpan.FromSeconds(20));
        cpu = server.CpuSeconds - cpu;
        if (clients.Any(client => client.IsLost))
        {
            throw new VoidRunException("connections were lost.");
        }

        clients.ForEach(client => client.Dispose());
        return new Cost(cpu * 1e6 / 20 / connections, 0, 0, 0, memory / (connections * 0.9), 0);
    }

    /// <summary>Connects, joins and drops; CPU per connect.</summary>
    public static async Task<Cost> ConnectAsync(ServerProcess server, int perSecond)
    {
        var connects = 0;
        var watch = Stopwatch.StartNew();
        double cpu = 0;
        var before = 0;
        while (watch.Elapsed < WarmUp + Measured)
        {
            if (before == 0 && watch.Elapsed > WarmUp)
            {
                cpu = server.CpuSeconds;
                before = connects;
            }

            while (connects < watch.Elapsed.TotalSeconds * perSecond)
            {
                using var client = await Client.ConnectAsync(server.Port, receives: false);
                connects++;
            }

            await Task.Delay(1);
        }

        cpu = server.CpuSeconds - cpu;
        return new Cost(cpu * 1e6 / (connects - before), 0, 0, 0, server.ResidentKilobytes, 0);
    }

    private static (int Sender, int Number, long Sent) Read(ReadOnlySpan<byte> packet) =>
        ((int)ReadNumber(packet, "\"s\":"u8), (int)ReadNumber(packet, "\"n\":"u8), ReadNumber(packet, "\"t\":"u8));

    private static long ReadNumber(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> key) =>
        Utf8Parser.TryParse(packet[(packet.IndexOf(key) + key.Length)..], out long number, out _) ? number : throw new FormatException();
}
