// The echo server that the protocols' public conformance suites ask for.
//   dotnet run --project samples/Echo -- --urls http://localhost:3000            Socket.IO at /socket.io/
//   dotnet run --project samples/Echo -- --urls http://localhost:3000 --engine   bare Engine.IO at /engine.io/
using SocketIO;
using SocketIO.EngineIO;
using SocketIO.Hosting;

var isEngine = args.Contains("--engine");
var builder = WebApplication.CreateBuilder([.. args.Where(argument => argument != "--engine")]);
builder.Logging.SetMinimumLevel(LogLevel.Warning);

void Configure(SocketIOOptions options)
{
    options.AllowEngineIO3 = false; // The suites want a request without EIO refused.
    options.PingInterval = TimeSpan.FromMilliseconds(300);
    options.PingTimeout = TimeSpan.FromMilliseconds(200);
    options.MaxPayloadBytes = 1_000_000;
    options.ConnectTimeout = TimeSpan.FromMilliseconds(1000);
}

if (isEngine)
{
    var options = new SocketIOOptions();
    Configure(options);
    var engine = new EngineIOServer(options, connection =>
    {
        connection.OnText = text => connection.SendText(text.Span);
        connection.OnBinary = bytes => connection.SendBinary(bytes.Span);
    });
    var app = builder.Build();
    app.Map("/engine.io", engine.HandleAsync);
    app.Lifetime.ApplicationStopping.Register(() => _ = engine.CloseAsync());
    app.Run();
    return;
}

builder.Services.Configure<SocketIOOptions>("echo", Configure);
builder.Services.AddSocketIO("echo", (server, _) =>
{
    foreach (var name in (string[])["/", "/custom"])
    {
        server.Of(name).OnConnection(socket =>
        {
            socket.Emit(EventMessage.Create("auth", socket.Handshake.Auth is { ValueKind: System.Text.Json.JsonValueKind.Object } auth ? (object)auth : new { }));
            socket.On("message", e => socket.Emit(EventMessage.Forward("message-back", e)));
            socket.On("message-with-ack", e => e.AcknowledgeJson(e.Json.Span, e.Attachments));
        });
    }
});
var echo = builder.Build();
echo.MapSocketIO("/socket.io", "echo");
echo.Run();
