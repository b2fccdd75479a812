using System.Net;
using System.Net.Sockets;
using System.Text;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

using WebSockets.EventLoops;

namespace WebSockets.Tests;

/// <summary>Kestrel on event loops: what HTTP, and the WebSockets in its place, may rely on.</summary>
public sealed class EventLoopTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Frames_that_come_with_the_handshake_are_not_lost()
    {
        await using var server = await WebSocketServer.StartAsync(WebSocketServer.EchoAsync);
        using var client = new RawWebSocketClient();
        var request = $"GET / HTTP/1.1\r\nHost: localhost:{server.Port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
        var frames = RawWebSocketClient.Frame(0x81, "first"u8.ToArray()).Concat(RawWebSocketClient.Frame(0x81, "second"u8.ToArray()));

        await client.ConnectAsync(server.Port, request: request + Encoding.Latin1.GetString([.. frames]));

        Assert.Equal("first", await client.ReceiveTextAsync());
        Assert.Equal("second", await client.ReceiveTextAsync());
    }

    [Fact]
    public async Task Messages_that_a_handler_sends_in_one_round_leave_in_their_order_and_whole()
    {
        const int Messages = 2000;
        await using var server = await WebSocketServer.StartAsync(async connection =>
        {
            // Far more than is put together in one write.
            await connection.ReceiveAsync();
            for (var number = 0; number < Messages; number++)
            {
                connection.TrySend(WebSocketFrame.Text($"{number} {new string('x', number % 100)}"));
            }

            await connection.ReceiveAsync();
        });
        using var client = new RawWebSocketClient();
        await client.ConnectAsync(server.Port);

        await client.SendTextAsync("go");

        for (var number = 0; number < Messages; number++)
        {
            Assert.Equal($"{number} {new string('x', number % 100)}", await client.ReceiveTextAsync());
        }
    }

    [Fact]
    public async Task What_waits_only_for_the_end_of_the_round_does_not_count_as_unread()
    {
        var buffered = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await WebSocketServer.StartAsync(async connection =>
        {
            await connection.ReceiveAsync();
            connection.TrySend(WebSocketFrame.Text("answer"));
            buffered.SetResult(connection.BufferedBytes);
            await connection.ReceiveAsync();
        });
        using var client = new RawWebSocketClient();
        await client.ConnectAsync(server.Port);

        await client.SendTextAsync("question");

        Assert.Equal(0, await buffered.Task.WaitAsync(Patience));
        Assert.Equal("answer", await client.ReceiveTextAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_goes_away_aborts_its_hanging_request(bool withReset)
    {
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = await StartAsync(async context =>
        {
            context.RequestAborted.Register(aborted.SetResult);
            began.SetResult();
            await aborted.Task;
        });
        using var client = await ConnectAsync(app);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        await began.Task.WaitAsync(Patience);

        client.LingerState = new LingerOption(withReset, 0);
        client.Close();

        await aborted.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task What_came_before_a_connection_broke_is_still_read()
    {
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var broke = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var read = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = await StartAsync(async context =>
        {
            began.SetResult();
            await broke.Task;
            var count = 0L;
            try
            {
                var buffer = new byte[1000];
                while (await context.Request.Body.ReadAsync(buffer) is var more and > 0)
                {
                    count += more;
                }
            }
            catch (Exception exception) when (exception is IOException or BadHttpRequestException)
            {
                // The body is cut short.
            }

            read.SetResult(count);
        });
        using var client = await ConnectAsync(app);
        await client.SendAsync("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\n\r\n"u8.ToArray());
        await began.Task.WaitAsync(Patience);

        await client.SendAsync(new byte[100_000]);
        client.LingerState = new LingerOption(true, 0);
        client.Close();
        broke.SetResult();

        Assert.Equal(100_000, await read.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_request_that_comes_in_single_bytes_is_answered()
    {
        await using var app = await StartAsync(async context =>
        {
            using var body = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync(await body.ReadToEndAsync(context.RequestAborted));
        });
        using var client = await ConnectAsync(app);

        foreach (var b in "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"u8.ToArray())
        {
            await client.SendAsync(new[] { b });
        }

        Assert.Contains("\r\nhello\r\n", await ReadToEndAsync(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_megabytes_go_both_ways_through_small_buffers()
    {
        var sent = new byte[8_000_000];
        Random.Shared.NextBytes(sent);
        await using var app = await StartAsync(async context =>
        {
            // The client reads nothing before it has sent all.
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            await context.Response.Body.WriteAsync(body.ToArray(), context.RequestAborted);
        });
        using var http = new HttpClient();

        using var content = new ByteArrayContent(sent);
        using var answer = await http.PostAsync(new Uri(app.Urls.Single()), content);

        Assert.Equal(sent, await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_port_in_use_is_told_as_Kestrel_tells_it()
    {
        await using var first = await StartAsync(_ => Task.CompletedTask);

        var failure = await Assert.ThrowsAsync<IOException>(() => StartAsync(_ => Task.CompletedTask, new Uri(first.Urls.Single()).Port));

        Assert.IsType<Microsoft.AspNetCore.Connections.AddressInUseException>(failure.InnerException);
    }

    [Fact]
    public async Task A_server_that_stops_leaves_its_port()
    {
        int port;
        await using (var first = await StartAsync(_ => Task.CompletedTask))
        {
            port = new Uri(first.Urls.Single()).Port;
            await first.StopAsync();
        }

        await using var second = await StartAsync(_ => Task.CompletedTask, port);
    }

    private static async Task<WebApplication> StartAsync(RequestDelegate serve, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}").UseEventLoops();
        var app = builder.Build();
        app.Run(serve);
        await app.StartAsync();
        return app;
    }

    private static async Task<Socket> ConnectAsync(WebApplication app)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, new Uri(app.Urls.Single()).Port);
        return socket;
    }

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        using var reader = new StreamReader(new NetworkStream(socket), Encoding.ASCII);
        return await reader.ReadToEndAsync().WaitAsync(Patience);
    }
}
