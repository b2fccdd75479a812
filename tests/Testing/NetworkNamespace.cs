using System.Globalization;

namespace LiveRobot.Testing;

/// <summary>A network of its own on this machine (ip-netns(8)), such as another machine has. Making one needs root.</summary>
public sealed class NetworkNamespace : IAsyncDisposable
{
    private static int _count;

    private NetworkNamespace() => Name = string.Create(CultureInfo.InvariantCulture, $"lr{Environment.ProcessId}n{Interlocked.Increment(ref _count)}");

    /// <summary>Gets what stands before a command that runs in it.</summary>
    public IReadOnlyList<string> Run => ["ip", "netns", "exec", Name];

    internal string Name { get; }

    /// <summary>Makes one that nothing leads to yet, or gives null where that is not allowed.</summary>
    public static async Task<NetworkNamespace?> TryCreateAsync()
    {
        var made = new NetworkNamespace();
        try
        {
            await IpAsync("netns", "add", made.Name);
        }
        catch (Exception exception) when (exception is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }

        await IpAsync("-n", made.Name, "link", "set", "lo", "up");
        return made;
    }

    /// <summary>Adds a way to it, which goes with it.</summary>
    public Task<NetworkLink> LinkAsync() => NetworkLink.AddAsync(Name);

    public async ValueTask DisposeAsync() => await IpAsync("netns", "del", Name);

    internal static async Task IpAsync(params string[] arguments) => await ChildProcess.RunAsync("ip", arguments);
}
