using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace WebSockets.EventLoops;

/// <summary>Puts Kestrel on event loops.</summary>
public static class EventLoopExtensions
{
    /// <summary>
    /// Lets Kestrel's TCP listeners run on event loops, which saves WebSockets the way through HTTP's layers. Without
    /// epoll(7), that is on other systems than Linux, it changes nothing.
    /// </summary>
    /// <remarks>
    /// HTTP requests run on the thread pool as always. What receives from a <see cref="WebSocketConnection"/> without TLS
    /// goes on in the loop that its connection belongs to, and must not block there.
    /// </remarks>
    public static IWebHostBuilder UseEventLoops(this IWebHostBuilder builder) =>
        builder.ConfigureServices(static services => services.TryAddEnumerable(ServiceDescriptor.Singleton<IConnectionListenerFactory, EventLoopTransport>()));
}
