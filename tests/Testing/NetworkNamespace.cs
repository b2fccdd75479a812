using System.Globalization;

namespace LiveRobot.Testing;

/// <summary>A network of its own on this machine, with one way to it that can be cut (ip-netns(8), veth(4)). Making one needs root.</summary>
public sealed class NetworkNamespace : IAsyncDisposable
{
    private static int _count;

    private readonly string _name;

    private NetworkNamespace()
    {
        // Fifteen characters are the most for a device; the networks are from 198.18.0.0/15, which is for such tests (RFC 2544).
        var number = Interlocked.Increment(ref _count);
        _name = string.Create(CultureInfo.InvariantCulture, $"lr{Environment.ProcessId}x{number}");
        var network = string.Create(CultureInfo.InvariantCulture, $"198.{18 + (number % 2)}.{Environment.ProcessId % 256}.");
        (Gateway, Address) = (network + "1", network + "2");
    }

    /// <summary>Gets the address of what runs in it.</summary>
    public string Address { get; }

    /// <summary>Gets what stands before a command that runs in it.</summary>
    public IReadOnlyList<string> Run => ["ip", "netns", "exec", _name];

    private string Gateway { get; }

    private string Here => _name + "a";

    private string There => _name + "b";

    /// <summary>Makes one, or gives null where that is not allowed.</summary>
    public static async Task<NetworkNamespace?> TryCreateAsync()
    {
        var made = new NetworkNamespace();
        try
        {
            await IpAsync("netns", "add", made._name);
        }
        catch (Exception exception) when (exception is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }

        try
        {
            await IpAsync("link", "add", made.Here, "type", "veth", "peer", "name", made.There);
            await IpAsync("link", "set", made.There, "netns", made._name);
            await IpAsync("addr", "add", made.Gateway + "/30", "dev", made.Here);
            await IpAsync("link", "set", made.Here, "up");
            await IpAsync("-n", made._name, "addr", "add", made.Address + "/30", "dev", made.There);
            await IpAsync("-n", made._name, "link", "set", "lo", "up");
            await made.MendAsync();
            return made;
        }
        catch
        {
            await made.DisposeAsync();
            throw;
        }
    }

    /// <summary>From now on nothing passes, and nobody is told.</summary>
    public Task CutAsync() => IpAsync("-n", _name, "link", "set", There, "down");

    public Task MendAsync() => IpAsync("-n", _name, "link", "set", There, "up");

    public async ValueTask DisposeAsync() => await IpAsync("netns", "del", _name);

    private static async Task IpAsync(params string[] arguments) => await ChildProcess.RunAsync("ip", arguments);
}
