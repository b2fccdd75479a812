using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;

namespace WebSockets.Tests;

/// <summary>On event loops, where the connection reads and writes the socket itself.</summary>
public sealed class WebSocketConnectionOnEventLoopTests() : WebSocketConnectionTests(onEventLoops: true);

/// <summary>On Kestrel's own transport, where the connection has the stream that HTTP gives it, as under TLS.</summary>
public sealed class WebSocketConnectionOnStreamTests() : WebSocketConnectionTests(onEventLoops: false);

public abstract class WebSocketConnectionTests(bool onEventLoops)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(0)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(1_000_000)]
    public async Task A_foreign_client_gets_back_what_it_sent(int bytes)
    {
        await using var server = await StartAsync(WebSocketServer.EchoAsync);
        using var client = new ClientWebSocket();
        using var patience = new CancellationTokenSource(Patience);
        await client.ConnectAsync(new Uri($"ws://127.0.0.1:{server.Port}/"), patience.Token);
        var sent = new byte[bytes];
        Random.Shared.NextBytes(sent);

        await client.SendAsync(sent, WebSocketMessageType.Binary, true, patience.Token);

        var received = new byte[bytes + 1];
        var length = 0;
        ValueWebSocketReceiveResult result;
        do
        {
            result = await client.ReceiveAsync(received.AsMemory(length), patience.Token);
            length += result.Count;
        }
        while (!result.EndOfMessage);
        Assert.Equal(WebSocketMessageType.Binary, result.MessageType);
        Assert.Equal(sent, received[..length]);
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", patience.Token);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.CloseStatus);
    }

    [Fact]
    public async Task Frames_that_arrive_byte_by_byte_are_put_together()
    {
        await using var server = await StartAsync(WebSocketServer.EchoAsync);
        using var client = new RawWebSocketClient();
        Assert.StartsWith("HTTP/1.1 101", await client.ConnectAsync(server.Port));

        foreach (var b in RawWebSocketClient.Frame(0x81, Encoding.UTF8.GetBytes("Grüße")))
        {
            await client.SendRawAsync([b]);
        }

        Assert.Equal("Grüße", await client.ReceiveTextAsync());
    }

    [Fact]
    public async Task Fragments_with_a_ping_between_them_make_one_message()
    {
        await using var server = await StartAsync(WebSocketServer.EchoAsync);
        using var client = new RawWebSocketClient();
        await client.ConnectAsync(server.Port);

        await client.SendAsync(0x01, "Hel"u8.ToArray());
        await client.SendAsync(0x89, "are you there"u8.ToArray());
        await client.SendAsync(0x00, "l"u8.ToArray());
        await client.SendAsync(0x80, "o"u8.ToArray());

        var (firstByte, payload) = await client.ReceiveAsync();
        Assert.Equal(0x8A, firstByte);
        Assert.Equal("are you there"u8, payload);
        Assert.Equal("Hello", await client.ReceiveTextAsync());
    }

    [Fact]
    public async Task Many_frames_in_one_segment_are_all_answered_in_order()
    {
        await using var server = await StartAsync(WebSocketServer.EchoAsync);
        using var client = new RawWebSocketClient();
        await client.ConnectAsync(server.Port);

        await client.SendRawAsync([.. Enumerable.Range(0, 500).SelectMany(i => RawWebSocketClient.Frame(0x81, Encoding.ASCII.GetBytes($"{i}")))]);

        for (var i = 0; i < 500; i++)
        {
            Assert.Equal($"{i}", await client.ReceiveTextAsync());
        }
    }

    public static TheoryData<string, byte[], int> BrokenRules => new()
    {
        { "a continuation of nothing", RawWebSocketClient.Frame(0x80, [1]), CloseCode.ProtocolError },
        { "a message inside a message", [.. RawWebSocketClient.Frame(0x01, [65]), .. RawWebSocketClient.Frame(0x81, [65])], CloseCode.ProtocolError },
        { "text that is not UTF-8", RawWebSocketClient.Frame(0x81, [0xC3, 0x28]), CloseCode.InvalidPayload },
        { "an unmasked frame", [0x81, 0x01, 65], CloseCode.ProtocolError },
        { "a close frame of one byte", RawWebSocketClient.Frame(0x88, [3]), CloseCode.ProtocolError },
        { "a close code that may not be sent", RawWebSocketClient.Frame(0x88, [0x03, 0xED]), CloseCode.ProtocolError },
        { "a message past the limit", RawWebSocketClient.Frame(0x82, new byte[1001]), CloseCode.MessageTooLong },
        { "fragments past the limit", [.. RawWebSocketClient.Frame(0x02, new byte[600]), .. RawWebSocketClient.Frame(0x80, new byte[401])], CloseCode.MessageTooLong },
    };

    [Theory]
    [MemberData(nameof(BrokenRules), DisableDiscoveryEnumeration = true)]
    public async Task A_peer_that_breaks_a_rule_is_told_the_code_and_let_go(string rule, byte[] bytes, int code)
    {
        var ended = new TaskCompletionSource<WebSocketMessage>();
        await using var server = await StartAsync(
            async connection => ended.SetResult(await connection.ReceiveAsync()),
            new WebSocketOptions { MaxMessageBytes = 1000 });
        using var client = new RawWebSocketClient();
        await client.ConnectAsync(server.Port);

        await client.SendRawAsync(bytes);

        Assert.Equal(code, await client.ReceiveCloseAsync());
        Assert.Empty(await client.ReceiveToEndAsync());
        var message = await ended.Task.WaitAsync(Patience);
        Assert.True(message.Kind == WebSocketMessageKind.Closed && message.CloseCode == code, rule);
    }

    [Fact]
    public async Task A_message_at_the_limit_passes()
    {
        await using var server = await StartAsync(WebSocketServer.EchoAsync, new WebSocketOptions { MaxMessageBytes = 1000 });
        using var client = new RawWebSocketClient();
        await client.ConnectAsync(server.Port);

        await client.SendAsync(0x02, new byte[600]);
        await client.SendAsync(0x80, new byte[400]);

        Assert.Equal(1000, (await client.ReceiveAsync()).Payload.Length);
    }

    [Fact]
    public async Task A_close_from_the_peer_is_answered_with_its_code_and_ends_the_connection()
    {
        var ended = new TaskCompletionSource<WebSocketEnd>();
        await using var server = await StartAsync(async connection =>
        {
            await connection.ReceiveAsync();
            ended.SetResult(connection.End);
        });
        using var client = new RawWebSocketClient();
        await client.ConnectAsync(server.Port);

        await client.SendAsync(0x88, [0x0F, 0xA0]);

        Assert.Equal(4000, await client.ReceiveCloseAsync());
        Assert.Empty(await client.ReceiveToEndAsync());
        Assert.Equal(WebSocketEnd.ClosedByPeer, await ended.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_peer_that_vanishes_inside_a_frame_is_lost_not_closed()
    {
        var ended = new TaskCompletionSource<(WebSocketEnd, int)>();
        await using var server = await StartAsync(async connection =>
        {
            var message = await connection.ReceiveAsync();
            ended.SetResult((connection.End, message.CloseCode));
        });
        var client = new RawWebSocketClient();
        await client.ConnectAsync(server.Port);

        await client.SendRawAsync([0x81, 0x85, 1, 2, 3]);
        client.Dispose();

        Assert.Equal((WebSocketEnd.Lost, CloseCode.Abnormal), await ended.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task CloseAsync_sends_what_was_queued_and_waits_for_the_answer()
    {
        var ended = new TaskCompletionSource<WebSocketEnd>();
        await using var server = await StartAsync(async connection =>
        {
            connection.TrySend(WebSocketFrame.Text("last words"));
            var closing = connection.CloseAsync(CloseCode.GoingAway, "bye");
            Assert.False(connection.TrySend(WebSocketFrame.Text("too late")));
            await connection.ReceiveAsync();
            await closing;
            ended.SetResult(connection.End);
        });
        using var client = new RawWebSocketClient();
        await client.ConnectAsync(server.Port);

        Assert.Equal("last words", await client.ReceiveTextAsync());
        Assert.Equal(CloseCode.GoingAway, await client.ReceiveCloseAsync());
        Assert.False(ended.Task.IsCompleted);
        await client.SendAsync(0x88, [0x03, 0xE9]);

        Assert.Equal(WebSocketEnd.ClosedByUs, await ended.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task CloseAsync_cuts_a_peer_that_does_not_answer()
    {
        await using var server = await StartAsync(
            async connection =>
            {
                var closing = connection.CloseAsync();
                await connection.ReceiveAsync();
                await closing;
            },
            new WebSocketOptions { CloseTimeout = TimeSpan.FromMilliseconds(100) });
        using var client = new RawWebSocketClient();
        await client.ConnectAsync(server.Port);

        Assert.Equal(CloseCode.Normal, await client.ReceiveCloseAsync());
        Assert.Empty(await client.ReceiveToEndAsync());
    }

    [Fact]
    public async Task EndAsync_sends_what_was_queued_and_no_close_frame()
    {
        await using var server = await StartAsync(async connection =>
        {
            connection.TrySend(WebSocketFrame.Text("last words"));
            await connection.EndAsync();
            Assert.Equal(WebSocketMessageKind.Closed, (await connection.ReceiveAsync()).Kind);
        });
        using var client = new RawWebSocketClient();
        await client.ConnectAsync(server.Port);

        Assert.Equal("last words", await client.ReceiveTextAsync());
        Assert.Empty(await client.ReceiveToEndAsync());
    }

    [Fact]
    public async Task PingAsync_completes_with_the_pong_and_not_before()
    {
        var pong = new TaskCompletionSource<Task<bool>>();
        await using var server = await StartAsync(async connection =>
        {
            pong.SetResult(connection.PingAsync());
            await WebSocketServer.EchoAsync(connection);
        });
        using var client = new RawWebSocketClient();
        await client.ConnectAsync(server.Port);
        var answered = await pong.Task.WaitAsync(Patience);
        var (firstByte, payload) = await client.ReceiveAsync();
        Assert.Equal(0x89, firstByte);

        await client.SendTextAsync("alive");
        Assert.Equal("alive", await client.ReceiveTextAsync());
        Assert.False(answered.IsCompleted);
        await client.SendAsync(0x8A, payload);

        Assert.True(await answered.WaitAsync(Patience));
    }

    [Fact]
    public async Task PingAsync_is_false_when_the_connection_ends_first()
    {
        var pong = new TaskCompletionSource<Task<bool>>();
        await using var server = await StartAsync(async connection =>
        {
            pong.SetResult(connection.PingAsync());
            await connection.ReceiveAsync();
        });
        using (var client = new RawWebSocketClient())
        {
            await client.ConnectAsync(server.Port);
            await client.ReceiveAsync();
        }

        Assert.False(await (await pong.Task.WaitAsync(Patience)).WaitAsync(Patience));
    }

    [Fact]
    public async Task A_peer_that_does_not_read_is_cut_at_the_limit_while_another_goes_on()
    {
        var slow = new TaskCompletionSource<WebSocketConnection>();
        var finish = new TaskCompletionSource();
        await using var server = await StartAsync(
            async connection =>
            {
                if (slow.TrySetResult(connection))
                {
                    await connection.ReceiveAsync();
                    finish.SetResult();
                }
                else
                {
                    await WebSocketServer.EchoAsync(connection);
                }
            },
            new WebSocketOptions { MaxBufferedBytes = 1 << 20 });
        using var client = new RawWebSocketClient();
        await client.ConnectAsync(server.Port, receiveBufferBytes: 4096);
        using var other = new RawWebSocketClient();
        var connection = await slow.Task.WaitAsync(Patience);
        await other.ConnectAsync(server.Port);
        var frame = WebSocketFrame.Binary(new byte[100_000]);

        var most = 0L;
        while (connection.TrySend(frame))
        {
            most = Math.Max(most, connection.BufferedBytes);
        }

        Assert.InRange(most, 1, 1 << 20);
        await finish.Task.WaitAsync(Patience);
        Assert.Equal(WebSocketEnd.TooSlow, connection.End);
        await other.SendTextAsync("still here");
        Assert.Equal("still here", await other.ReceiveTextAsync());
    }

    [Fact]
    public async Task SendAsync_waits_until_a_slow_peer_reads()
    {
        var accepted = new TaskCompletionSource<WebSocketConnection>();
        await using var server = await StartAsync(async connection =>
        {
            accepted.SetResult(connection);
            await connection.ReceiveAsync();
        });
        using var client = new RawWebSocketClient();
        await client.ConnectAsync(server.Port, receiveBufferBytes: 4096);
        var connection = await accepted.Task.WaitAsync(Patience);
        var frame = WebSocketFrame.Binary(new byte[1 << 20]);

        var sent = 0;
        Task<bool> sending;
        do
        {
            sending = connection.SendAsync(frame).AsTask();
            sent++;
            await Task.WhenAny(sending, Task.Delay(1500));
        }
        while (sending.IsCompleted && sent < 100);

        Assert.False(sending.IsCompleted);
        for (var i = 0; i < sent; i++)
        {
            Assert.Equal(1 << 20, (await client.ReceiveAsync()).Payload.Length);
        }

        Assert.True(await sending.WaitAsync(Patience));
        Assert.Equal(0, connection.BufferedBytes);
    }

    [Fact]
    public async Task Many_threads_send_whole_frames_each_in_its_own_order()
    {
        const int threads = 8;
        const int each = 500;
        await using var server = await StartAsync(async connection =>
        {
            await connection.ReceiveAsync();
            await Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Task.Run(() =>
            {
                for (var i = 0; i < each; i++)
                {
                    Assert.True(connection.TrySend(WebSocketFrame.Text($"{thread} {i} {new string('x', i)}")));
                }
            })));
            await connection.ReceiveAsync();
        });
        using var client = new RawWebSocketClient();
        await client.ConnectAsync(server.Port);
        await client.SendTextAsync("go");

        var next = new int[threads];
        for (var i = 0; i < threads * each; i++)
        {
            var parts = (await client.ReceiveTextAsync()).Split(' ');
            var thread = int.Parse(parts[0]);
            Assert.Equal(next[thread]++, int.Parse(parts[1]));
            Assert.Equal(int.Parse(parts[1]), parts[2].Length);
        }
    }

    [Fact]
    public async Task Frames_sent_together_stay_together_whoever_sends_between()
    {
        const int each = 300;
        await using var server = await StartAsync(async connection =>
        {
            await connection.ReceiveAsync();
            await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
            {
                for (var i = 0; i < each; i++)
                {
                    Assert.True(connection.TrySend([WebSocketFrame.Text($"{thread} {i}"), WebSocketFrame.Binary([(byte)thread]), WebSocketFrame.Binary([(byte)i])]));
                }
            })));
            await connection.ReceiveAsync();
        });
        using var client = new RawWebSocketClient();
        await client.ConnectAsync(server.Port);
        await client.SendTextAsync("go");

        for (var i = 0; i < 4 * each; i++)
        {
            var parts = (await client.ReceiveTextAsync()).Split(' ').Select(int.Parse).ToArray();
            Assert.Equal([(byte)parts[0]], (await client.ReceiveAsync()).Payload);
            Assert.Equal([(byte)parts[1]], (await client.ReceiveAsync()).Payload);
        }
    }

    [Theory]
    [InlineData("Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "426")]
    [InlineData("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n", "400")]
    [InlineData("Sec-WebSocket-Version: 13\r\n", "400")]
    public async Task A_bad_handshake_is_refused(string headers, string status)
    {
        await using var server = await StartAsync(WebSocketServer.EchoAsync);
        using var client = new RawWebSocketClient();

        var head = await client.ConnectAsync(
            server.Port,
            request: $"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{headers}\r\n");

        Assert.StartsWith($"HTTP/1.1 {status}", head);
    }

    [Fact]
    public async Task A_doubled_Connection_header_as_the_Python_library_sends_it_is_accepted()
    {
        await using var server = await StartAsync(WebSocketServer.EchoAsync);
        using var client = new RawWebSocketClient();

        var head = await client.ConnectAsync(
            server.Port,
            request: "GET / HTTP/1.1\r\nUpgrade: websocket\r\nHost: localhost\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + "Sec-WebSocket-Version: 13\r\nConnection: Upgrade\r\nConnection: keep-alive\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 101", head);
        Assert.Contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", head);
    }

    /// <summary>The abort of an HTTP context throws when the request that it belongs to is over.</summary>
    [Fact]
    public async Task It_is_not_gone_while_its_transport_is_being_aborted()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var peer = new TcpClient();
        await peer.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var tcp = await listener.AcceptTcpClientAsync();
        using var isAborting = new ManualResetEventSlim();
        using var mayGoOn = new ManualResetEventSlim();
        var connection = new WebSocketConnection(tcp.GetStream(), new WebSocketOptions(), () =>
        {
            isAborting.Set();
            mayGoOn.Wait();
        });
        var aborting = Task.Run(connection.Abort);
        isAborting.Wait();

        var disposing = connection.DisposeAsync().AsTask();

        await Task.WhenAny(disposing, Task.Delay(TimeSpan.FromMilliseconds(100)));
        Assert.False(disposing.IsCompleted);
        mayGoOn.Set();
        await aborting;
        await disposing;
    }

    private Task<WebSocketServer> StartAsync(Func<WebSocketConnection, Task> serve, WebSocketOptions? options = null) =>
        WebSocketServer.StartAsync(serve, options, onEventLoops);
}
