using System.Globalization;
using System.Threading.Channels;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Redis;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Storage;

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Cluster;

/// <summary>
/// This node's part in the cluster: it says what it is and renews its slots, three times within a lease time, and hands
/// all over when it ends.
/// </summary>
internal sealed partial class ClusterMembership(
    IClusterStore store, RobotDirectory robots, ThisNode node, SlotLeases leases, Draining draining, IBus bus, IOptions<ClusterOptions> options, IOptions<RedisOptions> redis, TimeProvider clock, ILogger<ClusterMembership> logger)
    : BackgroundService, IHostedLifecycleService
{
    /// <summary>Nodes that were all cut off at once do not all come back at once.</summary>
    private const double Jitter = 0.2;

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>One at a time: a slot that is handed over is not renewed by the way.</summary>
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>A process that is alone tells nobody, and waits for nobody.</summary>
    private bool IsAlone => redis.Value.Configuration is null && options.Value.Slots.Count == 0;

    /// <exception cref="StoreException">Robots have been told a slot that is not configured.</exception>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Slots.Count > 0 && (await robots.UsedSlotsAsync()).Except(options.Value.Slots.Keys).ToArray() is [var missing, ..])
        {
            throw new StoreException(string.Create(CultureInfo.InvariantCulture, $"Robots are in slot {missing}, which Cluster:Slots does not have."));
        }
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Before anything else is closed: nobody new is taken, the slots go to others, and the front has a moment to find
    /// them there. Then connections close.
    /// </summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        draining.Begin();
        if (!IsAlone && await HandOverAsync(cancellationToken))
        {
            Log.HandedOver(logger, options.Value.HandOverTime.TotalSeconds);
            await Task.Delay(options.Value.HandOverTime, clock, cancellationToken);
        }

        await draining.CloseAsync();
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await store.RemoveAsync(node.Name);
        }
        catch (PresenceAwayException)
        {
            // It lapses.
        }
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Dispose()
    {
        base.Dispose();
        _turn.Dispose();
    }

    /// <summary>Gives away what it has. True when there is somebody to take it.</summary>
    private async Task<bool> HandOverAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await RegisterAsync();
            return await leases.ReleaseAllAsync() && leases.HasOthers;
        }
        finally
        {
            _turn.Release();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var freed = bus.Subscribe<SlotFreed>(_ => _wake.Writer.TryWrite(true));
        while (!IsAlone && !draining.HasBegun)
        {
            await RenewAsync();
            var interval = options.Value.LeaseTime / 3;
            using var timer = clock.CreateTimer(_ => _wake.Writer.TryWrite(true), null, interval * (1 - (Random.Shared.NextDouble() * Jitter)), Timeout.InfiniteTimeSpan);
            await _wake.Reader.ReadAsync(stoppingToken);
        }
    }

    private async Task RenewAsync()
    {
        await _turn.WaitAsync();
        try
        {
            if (draining.HasBegun)
            {
                return;
            }

            // First: a node whose leases lapse is then no longer expected to take a slot either.
            await RegisterAsync();
            await leases.RenewAsync();
        }
#pragma warning disable CA1031 // Whatever it is, the next turn tries again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.NotRenewed(logger, exception);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task RegisterAsync()
    {
        try
        {
            await store.RegisterAsync(node.Read(draining.HasBegun, leases.Held), options.Value.LeaseTime);
        }
        catch (PresenceAwayException)
        {
            // The leases tell what that means.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The slots are handed over; connections close in {Seconds} s.", EventName = "HandedOver")]
        public static partial void HandedOver(ILogger logger, double seconds);

        [LoggerMessage(2, LogLevel.Error, "The slots could not be renewed.", EventName = "NotRenewed")]
        public static partial void NotRenewed(ILogger logger, Exception exception);
    }
}
