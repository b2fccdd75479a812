// The job that both servers do: 'm' goes on to everybody in the room 'receivers', its arguments as they are.
using SocketIO;
using SocketIO.Hosting;

using WebSockets.EventLoops;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.UseEventLoops();
builder.Services.Configure<SocketIOOptions>("benchmark", options => options.PingInterval = TimeSpan.FromSeconds(5));
builder.Services.AddSocketIO("benchmark", (server, _) =>
{
    var receivers = server.Root.To("receivers");
    server.Root.OnConnection(socket =>
    {
        socket.On("join", e =>
        {
            socket.Join("receivers");
            e.Acknowledge();
        });
        socket.On("m", e => receivers.Emit(EventMessage.Forward("m", e)));
    });
});
var app = builder.Build();
app.MapSocketIO("/socket.io", "benchmark");
app.MapGet("/gc", () =>
{
    GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    return GC.GetTotalAllocatedBytes(precise: true);
});
app.Run();
