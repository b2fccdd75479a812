using System.Collections.Concurrent;
using System.Text.Json;

using global::SocketIO;
using global::SocketIO.Hosting;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LiveRobot.Compatibility.SocketIO;

/// <summary>
/// A server on Kestrel that greets with <c>hello</c>, answers <c>echo</c> with the same arguments and an
/// acknowledgement, and keeps what happened for the test to look at.
/// </summary>
public sealed class SocketIOHost : IAsyncDisposable
{
    public const string Greeting = "Grüße 😀 \"quoted\" \u0001";

    private readonly WebApplication _app;

    private SocketIOHost(WebApplication app) => _app = app;

    public int Port => new Uri(_app.Urls.Single()).Port;

    public string Url => $"http://127.0.0.1:{Port}";

    public SocketIOServer Server => _app.Services.GetRequiredKeyedService<SocketIOServer>("test");

    /// <summary>Gets the sockets that have connected to any namespace, in their order.</summary>
    public ConcurrentQueue<Socket> Connected { get; } = new();

    /// <summary>Gets why sockets ended.</summary>
    public ConcurrentDictionary<Socket, DisconnectReason> Ended { get; } = new();

    /// <summary>Gets the arguments of the events <c>note</c>.</summary>
    public ConcurrentQueue<string> Notes { get; } = new();

    public static async Task<SocketIOHost> StartAsync(int port = 0, Action<SocketIOOptions>? configure = null, params string[] namespaces)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        SocketIOHost? host = null;
        builder.Services.AddSocketIO("test", (server, _) =>
        {
            foreach (var name in (string[])["/", .. namespaces])
            {
                server.Of(name).OnConnection(socket => host!.OnConnection(socket));
            }
        });
        builder.Services.Configure<SocketIOOptions>("test", options => configure?.Invoke(options));
        var app = builder.Build();
        host = new SocketIOHost(app);
        app.MapSocketIO("/socket.io", "test");
        await app.StartAsync();
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private void OnConnection(Socket socket)
    {
        Connected.Enqueue(socket);
        socket.OnDisconnect(reason => Ended[socket] = reason);
        socket.Emit(EventMessage.Create("hello", new { text = Greeting, number = 1.5 }));
        socket.On("echo", e =>
        {
            socket.Emit(EventMessage.FromJson("echo", e.Json.Span));
            e.Acknowledge(new { count = e.Count, first = e[0] });
        });
        socket.On("echo bytes", e =>
        {
            socket.Emit(EventMessage.FromArguments("echo", e.Json.Span, e.Attachments));
            e.AcknowledgeJson(e.Json.Span, e.Attachments);
        });
        socket.On("note", e => Notes.Enqueue(JsonSerializer.Serialize(e[0])));
        socket.On("join", e => socket.Join(e[0].GetString()!));
    }
}
