using LiveRobot.Platform.Bus;

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Redis;

/// <summary>Before a process serves anybody, it hears what others tell. If Redis is away then, it serves all the same.</summary>
internal sealed class RedisBusStart(IBus bus, IOptions<RedisOptions> options) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await (bus is RedisBus shared ? shared.Subscribed : Task.CompletedTask).WaitAsync(options.Value.Timeout, cancellationToken);
        }
        catch (TimeoutException)
        {
            // It hears them when Redis comes.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
