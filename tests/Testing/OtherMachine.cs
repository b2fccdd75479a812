using System.Globalization;

namespace LiveRobot.Testing;

/// <summary>
/// A machine, as a network namespace, with two ways to it: one leads inside, to Redis, the store and the other nodes, one
/// outside, to the front and its clients.
/// </summary>
public sealed class OtherMachine : IAsyncDisposable
{
    private readonly NetworkNamespace _network;

    private OtherMachine(NetworkNamespace network, NetworkLink inside, NetworkLink outside) => (_network, Inside, Outside) = (network, inside, outside);

    public NetworkLink Inside { get; }

    public NetworkLink Outside { get; }

    /// <inheritdoc cref="NetworkNamespace.Run"/>
    public IReadOnlyList<string> Run => _network.Run;

    /// <summary>Makes one, or gives null where that is not allowed.</summary>
    public static async Task<OtherMachine?> TryCreateAsync()
    {
        if (await NetworkNamespace.TryCreateAsync() is not { } network)
        {
            return null;
        }

        try
        {
            return new OtherMachine(network, await network.LinkAsync(), await network.LinkAsync());
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks a port of the machine from the machine itself, whatever leads to it; gives the status.</summary>
    public async Task<int> AskAsync(int port, string path)
    {
        string[] command = [.. Run, "curl", "--silent", "--noproxy", "*", "--output", "/dev/null", "--write-out", "%{http_code}", $"http://127.0.0.1:{port}/{path}"];
        return int.Parse(await ChildProcess.RunAsync(command[0], command[1..]), CultureInfo.InvariantCulture);
    }

    public ValueTask DisposeAsync() => _network.DisposeAsync();
}
