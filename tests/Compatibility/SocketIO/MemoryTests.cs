using System.Globalization;

using LiveRobot.Testing;

using WebSockets.Tests;

namespace LiveRobot.Compatibility.SocketIO;

/// <summary>What a server process holds after many clients have come and gone. What they leave of objects is LeakTests' matter.</summary>
public sealed class MemoryTests
{
    private const int Clients = 16;

    [Fact]
    public async Task After_a_hundred_thousand_connects_the_server_holds_what_it_held_after_ten_thousand()
    {
        Assert.SkipUnless(RandomInput.IsLong, "It takes minutes; ./test.sh --long runs it.");
        var port = FreePorts.Take();
        await using var server = ChildProcess.Start(
            "dotnet",
            [
                Path.Combine(Repository.Root, "artifacts", "bin", "Echo", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "Echo.dll"),
                "--urls",
                $"http://127.0.0.1:{port}",
            ]);
        await Eventually.TrueAsync(() => IsListeningAsync(port));

        await ConnectAsync(port, 10_000);
        var early = await LeastResidentBytesAsync(server.Id);
        await ConnectAsync(port, 90_000);
        var late = await LeastResidentBytesAsync(server.Id);

        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{early / 1024} kB after 10,000 connects, {late / 1024} kB after 100,000."));
        Assert.InRange(late, 0, early * 1.1);
    }

    private static async Task ConnectAsync(int port, int count) => await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
    {
        for (var connected = 0; connected < count / Clients;)
        {
            using var client = new RawWebSocketClient();
            await client.ConnectAsync(port, "/socket.io/?EIO=4&transport=websocket");
            try
            {
                await client.ReceiveTextAsync();
                await client.SendTextAsync("40");
                while (!(await client.ReceiveTextAsync()).StartsWith("40{", StringComparison.Ordinal))
                {
                    // A ping of the server.
                }

                await client.SendTextAsync("1");
                connected++;
            }
            catch (IOException)
            {
                // The sample waits half a second for a heartbeat, and this machine did not keep that: the next.
            }
        }
    })));

    /// <summary>Reads the resident size a few times, so that a collection under way does not count.</summary>
    private static async Task<long> LeastResidentBytesAsync(int process)
    {
        var least = long.MaxValue;
        for (var i = 0; i < 20; i++)
        {
            await Task.Delay(TimeSpan.FromSeconds(0.5));
            var line = (await File.ReadAllLinesAsync($"/proc/{process}/status")).First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            least = Math.Min(least, 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture));
        }

        return least;
    }

    private static async Task<bool> IsListeningAsync(int port)
    {
        try
        {
            using var client = new RawWebSocketClient();
            await client.ConnectAsync(port, "/socket.io/?EIO=4&transport=websocket");
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}
