using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

using WebSockets.EventLoops;

namespace WebSockets.Tests;

/// <summary>Kestrel on a free port that hands every accepted connection to the test.</summary>
internal sealed class WebSocketServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebSocketServer(WebApplication app) => _app = app;

    public int Port => new Uri(_app.Urls.Single()).Port;

    public static async Task<WebSocketServer> StartAsync(Func<WebSocketConnection, Task> serve, WebSocketOptions? options = null, bool onEventLoops = true)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        if (onEventLoops)
        {
            builder.WebHost.UseEventLoops();
        }

        var app = builder.Build();
        app.Run(async (HttpContext context) =>
        {
            var connection = await WebSocketHandshake.AcceptAsync(context, options ?? new WebSocketOptions());
            if (connection is not null)
            {
                await using (connection)
                {
                    await serve(connection);
                }
            }
        });
        await app.StartAsync();
        return new WebSocketServer(app);
    }

    /// <summary>Sends every message back as it came.</summary>
    public static async Task EchoAsync(WebSocketConnection connection)
    {
        while (true)
        {
            var message = await connection.ReceiveAsync();
            if (message.Kind == WebSocketMessageKind.Closed)
            {
                return;
            }

            connection.TrySend(message.Kind == WebSocketMessageKind.Text
                ? WebSocketFrame.Text(message.Payload.Span)
                : WebSocketFrame.Binary(message.Payload.Span));
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
    }
}
