using System.Buffers;
using System.Collections.Concurrent;
using System.Net;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LiveRobot.RobotClient.Tests;

/// <summary>A real server of the robot API's look-ups and of both ingests, on one free port, whose answers a test can change.</summary>
internal sealed class RobotServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Ingest> _ingests = new();

    private RobotServer(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = null!;

    /// <summary>The port the look-ups tell; the server's own unless set.</summary>
    public int ToldPort { get; set; }

    /// <summary>The port the look-up of the chat socket tells; <see cref="ToldPort"/> unless set.</summary>
    public int? ToldChatPort { get; set; }

    public object Settings { get; set; } = new { xres = 640, yres = 480, mic_enabled = true };

    /// <summary>What an ingest is answered before a byte of it is read; null accepts it.</summary>
    public int? Refusal { get; set; }

    public ConcurrentQueue<string> Requests { get; } = new();

    public IReadOnlyList<Ingest> Ingests => [.. _ingests.Values.OrderBy(ingest => ingest.Number)];

    public static async Task<RobotServer> StartAsync(int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port);
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
        });
        var app = builder.Build();
        var server = new RobotServer(app);
        app.Use((context, next) =>
        {
            server.Requests.Enqueue(context.Request.Path + context.Request.QueryString);
            return next(context);
        });
        app.MapGet("/get_control_host_port/{id}", () => new { host = "127.0.0.1", port = server.ToldPort });
        app.MapGet("/get_chat_host_port/{id}", () => new { host = "127.0.0.1", port = server.ToldChatPort ?? server.ToldPort });
        app.MapGet("/get_websocket_relay_host/{id}", () => new { host = "127.0.0.1" });
        app.MapGet("/get_video_port/{id}", () => new { mpeg_stream_port = server.ToldPort, port = server.ToldPort });
        app.MapGet("/get_audio_port/{id}", () => new { audio_stream_port = server.ToldPort, port = server.ToldPort });
        app.MapGet("/api/v1/robots/{id}", () => server.Settings);
        app.MapPost("/{key}/{xres:int}/{yres:int}/", server.TakeAsync);
        await app.StartAsync();
        server.Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        server.ToldPort = server.Address.Port;
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        if (Refusal is { } status)
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Connection = "close";
            return;
        }

        var ingest = new Ingest(_ingests.Count, context.Request.Path);
        _ingests[context.Connection.Id] = ingest;
        try
        {
            await ingest.ReadAsync(context.Request.Body, context.RequestAborted);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            ingest.WasCut = true;
        }

        ingest.HasEnded = true;
    }

    /// <summary>One POST of a feed.</summary>
    internal sealed class Ingest(int number, string path)
    {
        private readonly ArrayBufferWriter<byte> _bytes = new();

        public int Number => number;

        public string Path => path;

        public volatile bool HasEnded;
        public volatile bool WasCut;

        public long Length
        {
            get
            {
                lock (_bytes)
                {
                    return _bytes.WrittenCount;
                }
            }
        }

        public byte[] Bytes
        {
            get
            {
                lock (_bytes)
                {
                    return _bytes.WrittenSpan.ToArray();
                }
            }
        }

        public async Task ReadAsync(Stream body, CancellationToken cancellationToken)
        {
            var buffer = new byte[64 * 1024];
            int count;
            while ((count = await body.ReadAsync(buffer, cancellationToken)) > 0)
            {
                lock (_bytes)
                {
                    _bytes.Write(buffer.AsSpan(0, count));
                }
            }
        }
    }
}
