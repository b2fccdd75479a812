using System.Collections.Concurrent;

using LiveRobot.Platform.Presence;

using Microsoft.Extensions.Options;

namespace LiveRobot.StatusSocket;

/// <summary>
/// The sockets that robots have open here, and their word to <see cref="RobotPresence"/>. A robot may have several:
/// some existing clients leave old ones behind when they reconnect.
/// </summary>
public sealed class RobotConnections(RobotPresence presence, IOptions<PresenceOptions> options) : IDisposable
{
    private readonly ConcurrentDictionary<string, int> _open = new(StringComparer.Ordinal);

    /// <summary>The robots that accept reverse SSH.</summary>
    private readonly HashSet<string> _reverseSsh = new(StringComparer.Ordinal);

    /// <summary>Keeps what is counted here and what presence is told in the same order.</summary>
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Gets how often <see cref="RenewAsync"/> is to be called.</summary>
    public TimeSpan RenewInterval => options.Value.SocketLifetime / 3;

    /// <summary>Gets how many robots are connected here.</summary>
    public int Count => _open.Count;

    /// <summary>A socket has identified itself as this robot's.</summary>
    public Task OpenedAsync(string handle) => InTurnAsync(() =>
    {
        _open[handle] = _open.GetValueOrDefault(handle) + 1;
        return presence.StatusSocketOpenAsync(handle);
    });

    /// <summary>Such a socket has closed.</summary>
    public Task ClosedAsync(string handle) => InTurnAsync(() =>
    {
        if (--_open[handle] > 0)
        {
            return Task.CompletedTask;
        }

        _open.TryRemove(handle, out _);
        return presence.StatusSocketClosedAsync(handle);
    });

    /// <summary>The robot's socket has said whether it accepts reverse SSH, or is its no more.</summary>
    public Task AcceptsReverseSshAsync(string handle, bool accepts) => InTurnAsync(() =>
        accepts && _reverseSsh.Add(handle) ? presence.ReverseSshAcceptedAsync(handle)
        : !accepts && _reverseSsh.Remove(handle) ? presence.ReverseSshEndedAsync(handle)
        : Task.CompletedTask);

    /// <summary>Repeats the word for all robots that are connected.</summary>
    public Task RenewAsync() => InTurnAsync(async () =>
    {
        foreach (var handle in _open.Keys)
        {
            await presence.StatusSocketOpenAsync(handle);
        }

        foreach (var handle in _reverseSsh)
        {
            await presence.ReverseSshAcceptedAsync(handle);
        }
    });

    public void Dispose() => _turn.Dispose();

    private async Task InTurnAsync(Func<Task> action)
    {
        await _turn.WaitAsync();
        try
        {
            await action();
        }
        finally
        {
            _turn.Release();
        }
    }
}
