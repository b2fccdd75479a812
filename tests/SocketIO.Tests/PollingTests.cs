using System.Net;
using System.Text;

using LiveRobot.Testing;

namespace SocketIO.Tests;

public sealed class PollingTests
{
    [Fact]
    public async Task Protocol_3_is_told_that_it_is_connected_the_ConnectDelay_after_its_first_poll_and_then_what_was_sent_meanwhile()
    {
        await using var server = await TestServer.StartAsync(onConnection: socket => socket.Emit(EventMessage.Create("hello", "you")));
        using var client = server.Client(3);
        await client.OpenAsync();
        Assert.Empty(server.Sockets);

        var poll = client.PollAsync();
        await Eventually.TrueAsync(() => server.Server.Sessions[client.Sid].IsPolling);
        server.Clock.Advance(TimeSpan.FromMilliseconds(99));
        Assert.False(poll.IsCompleted);
        server.Clock.Advance(TimeSpan.FromMilliseconds(12));

        Assert.Equal(["40", """42["hello","you"]"""], await poll);
    }

    [Fact]
    public async Task Protocol_4_is_connected_when_it_asks_and_is_told_its_id()
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.Client(4);
        await client.OpenAsync();

        await client.PostAsync("""40{"token":"x"}""");

        var packet = Assert.Single(await client.PollAsync());
        var socket = await server.SocketAsync();
        Assert.Equal($"40{{\"sid\":\"{socket.Id}\"}}", packet);
        Assert.NotEqual(client.Sid, socket.Id);
        Assert.Equal("x", socket.Handshake.Auth.GetProperty("token").GetString());
    }

    [Theory]
    [InlineData(3, "")]
    [InlineData(3, "&b64=1")]
    [InlineData(4, "")]
    public async Task Several_packets_in_one_post_are_handled_in_order(int version, string query)
    {
        var received = new List<string>();
        await using var server = await TestServer.StartAsync(onConnection: socket => socket.On("note", e => received.Add(e[0].GetString()!)));
        using var client = await server.ConnectPollingAsync(version, query);

        await client.PostAsync("""42["note","é"]""", """42["note","😀"]""", """42["note","漢"]""");

        Assert.Equal(["é", "😀", "漢"], received);
    }

    [Fact]
    public async Task Text_that_was_encoded_twice_is_understood()
    {
        // Clients 1.x and the iOS client while polling; the length counts the characters after the first encoding.
        var received = new List<string>();
        await using var server = await TestServer.StartAsync(onConnection: socket => socket.On("note", e => received.Add(e[0].GetString()!)));
        using var client = await server.ConnectPollingAsync(3, "&b64=1");
        var once = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes("""42["note","Grüße 😀"]"""));

        await client.PostAsync(once);

        Assert.Equal(["Grüße 😀"], received);
    }

    [Theory]
    [InlineData(3, """42["news","Gr\u00fc\u00dfe \ud83d\ude00"]""")]
    [InlineData(4, """42["news","Grüße 😀"]""")]
    public async Task Text_to_protocol_3_is_ASCII_and_to_protocol_4_as_it_is(int version, string expected)
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectPollingAsync(version);

        server.Server.Root.Emit(EventMessage.FromJson("news", "\"Grüße 😀\""u8));

        Assert.Equal(expected, Assert.Single(await client.PollAsync()));
    }

    [Fact]
    public async Task A_ping_of_protocol_3_is_answered_by_the_hanging_poll()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectPollingAsync(3);
        var poll = client.PollAsync();

        await client.PostAsync("2");

        Assert.Equal(["3"], await poll);
    }

    [Fact]
    public async Task Protocol_3_ends_after_interval_and_timeout_of_silence()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectPollingAsync(3);
        var socket = server.Sockets.Single();
        server.Clock.Advance(TimeSpan.FromSeconds(44));
        await client.PostAsync("2");
        server.Clock.Advance(TimeSpan.FromSeconds(44));
        Assert.True(socket.IsConnected);

        server.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(DisconnectReason.HeartbeatTimeout, await server.EndAsync(socket));
        Assert.Equal(HttpStatusCode.BadRequest, (await client.GetAsync()).Status);
    }

    [Fact]
    public async Task Protocol_4_is_pinged_every_interval_and_ends_when_it_does_not_answer_in_time()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectPollingAsync(4);
        var socket = server.Sockets.Single();
        for (var i = 0; i < 3; i++)
        {
            var poll = client.PollAsync();
            await Eventually.TrueAsync(() => { server.Clock.Advance(TimeSpan.FromMilliseconds(100)); return poll.IsCompleted; });
            Assert.Equal(["2"], await poll);
            await client.PostAsync("3");
        }

        var unanswered = client.PollAsync();
        await Eventually.TrueAsync(() => { server.Clock.Advance(TimeSpan.FromMilliseconds(100)); return unanswered.IsCompleted; });
        server.Clock.Advance(TimeSpan.FromSeconds(19));
        Assert.True(socket.IsConnected);
        server.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(DisconnectReason.HeartbeatTimeout, await server.EndAsync(socket));
    }

    [Fact]
    public async Task The_time_for_a_pong_is_counted_from_when_the_ping_was_due()
    {
        await using var server = await TestServer.StartAsync(
            new SocketIOOptions { PingInterval = TimeSpan.FromMilliseconds(300), PingTimeout = TimeSpan.FromMilliseconds(200) });
        // So that the ping is due between two ticks of the timers.
        server.Clock.Advance(TimeSpan.FromMilliseconds(7));
        using var client = server.Client(4);
        await client.OpenAsync();

        server.Clock.Advance(TimeSpan.FromMilliseconds(501));

        Assert.Equal(HttpStatusCode.BadRequest, (await client.GetAsync()).Status);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_session_that_is_never_polled_is_gone_after_10_seconds_and_was_never_a_socket(int version)
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.Client(version);
        await client.OpenAsync();

        server.Clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Single(server.Server.Sessions);
        server.Clock.Advance(TimeSpan.FromSeconds(0.2));

        await Eventually.TrueAsync(() => server.Server.Sessions.IsEmpty);
        Assert.Empty(server.Sockets);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.GetAsync()).Status);
    }

    [Fact]
    public async Task Protocol_4_that_joins_nothing_is_gone_after_the_ConnectTimeout()
    {
        await using var server = await TestServer.StartAsync(new SocketIOOptions { PingInterval = TimeSpan.FromMinutes(5) });
        using var client = server.Client(4);
        await client.OpenAsync();
        var poll = client.GetAsync();
        await Eventually.TrueAsync(() => { server.Clock.Advance(TimeSpan.FromSeconds(1)); return poll.IsCompleted; });

        Assert.Equal("1", (await poll).Text);
        Assert.Empty(server.Server.Sessions);
    }

    [Fact]
    public async Task A_second_poll_ends_the_session()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectPollingAsync(4);
        var socket = server.Sockets.Single();
        var first = client.GetAsync();
        var second = client.GetAsync();

        var answers = await Task.WhenAll(first, second);

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.BadRequest], answers.Select(answer => answer.Status).Order());
        Assert.Equal("1", answers.Single(answer => answer.Status == HttpStatusCode.OK).Text);
        Assert.Equal(DisconnectReason.ProtocolError, await server.EndAsync(socket));
    }

    [Fact]
    public async Task A_client_that_drops_its_poll_has_left()
    {
        await using var server = await TestServer.StartAsync();
        var client = server.Client(4);
        await client.ConnectAsync(server);
        var socket = server.Sockets.Single();
        using var leave = new CancellationTokenSource();
        var poll = client.Http.GetAsync("/socket.io/?" + client.Query, leave.Token);
        await Eventually.TrueAsync(() => server.Server.Sessions[client.Sid].IsPolling);

        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => poll);
        Assert.Equal(DisconnectReason.TransportClosed, await server.EndAsync(socket));
    }

    [Fact]
    public async Task A_close_packet_of_the_client_ends_the_session_and_releases_its_poll()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectPollingAsync(4);
        var poll = client.PollAsync();
        await Eventually.TrueAsync(() => server.Server.Sessions[client.Sid].IsPolling);

        await client.PostAsync("1");

        Assert.Equal(["6"], await poll);
        Assert.Equal(DisconnectReason.ClientDisconnected, await server.EndAsync(server.Sockets.Single()));
        Assert.Equal(HttpStatusCode.BadRequest, (await client.GetAsync()).Status);
    }

    [Fact]
    public async Task Disconnect_delivers_what_was_sent_and_the_close_packet_in_an_answer_of_its_own()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectPollingAsync(4);
        var socket = server.Sockets.Single();

        socket.Emit(EventMessage.Create("news", 1));
        socket.Disconnect();

        Assert.Equal(["""42["news",1]""", "41"], await client.PollAsync());
        Assert.Equal(["1"], await client.PollAsync());
        Assert.Equal(HttpStatusCode.BadRequest, (await client.GetAsync()).Status);
        Assert.Empty(server.Server.Sessions);
    }

    [Fact]
    public async Task What_a_disconnected_client_does_not_fetch_is_forgotten()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectPollingAsync(4);

        server.Sockets.Single().Disconnect();
        Assert.Single(server.Server.Sessions);
        server.Clock.Advance(TimeSpan.FromSeconds(11));

        Assert.Empty(server.Server.Sessions);
    }

    [Fact]
    public async Task A_server_that_closes_waits_for_no_last_poll()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectPollingAsync(4);
        server.Sockets.Single().Disconnect();
        Assert.Single(server.Server.Sessions);

        await server.Server.CloseAsync().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Empty(server.Server.Sessions);
        Assert.Equal(DisconnectReason.ServerDisconnected, Assert.Single(server.Ended.Values));
    }

    [Theory]
    [InlineData(3, "", "42x", "text/plain")]
    [InlineData(3, "", "4:42[]x", "text/plain")]
    [InlineData(3, "", "999:4", "text/plain")]
    [InlineData(4, "", "", "text/plain")]
    [InlineData(4, "", "abc", "text/plain")]
    [InlineData(4, "", "42[\"a\"]\u001e", "text/plain")]
    [InlineData(4, "", "b!!!", "text/plain")]
    [InlineData(4, "", "2", "text/plain")]
    [InlineData(4, "", "4", "application/octet-stream")]
    public async Task A_malformed_payload_is_refused_and_ends_the_session(int version, string query, string body, string contentType)
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectPollingAsync(version, query);
        var socket = server.Sockets.Single();

        var answer = await client.SendAsync(HttpMethod.Post, client.Query, Encoding.UTF8.GetBytes(body), contentType);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(DisconnectReason.ProtocolError, await server.EndAsync(socket));
        Assert.Equal(HttpStatusCode.BadRequest, (await client.GetAsync()).Status);
    }

    [Theory]
    [InlineData("4")]
    [InlineData("49")]
    [InlineData("42")]
    [InlineData("42{}")]
    [InlineData("42[]")]
    [InlineData("42[{}]")]
    [InlineData("42[\"a\"")]
    [InlineData("42[\"a\"]x")]
    [InlineData("43[1]")]
    [InlineData("431{}")]
    [InlineData("40/")]
    [InlineData("4299999999999999999999[\"a\"]")]
    [InlineData("45[\"a\"]")]
    [InlineData("40[1]")]
    public async Task A_malformed_Socket_IO_packet_ends_the_session(string packet)
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectPollingAsync(4);
        var socket = server.Sockets.Single();

        await client.TryPostAsync(packet == "40/" ? "40{" : packet);

        Assert.Equal(DisconnectReason.ProtocolError, await server.EndAsync(socket));
    }

    [Fact]
    public async Task A_post_at_MaxPayloadBytes_passes_and_one_over_ends_the_session()
    {
        var lengths = new List<int>();
        await using var server = await TestServer.StartAsync(
            new SocketIOOptions { MaxPayloadBytes = 1000 },
            socket => socket.On("note", e => lengths.Add(e[0].GetString()!.Length)));
        using var client = await server.ConnectPollingAsync(4);
        var overhead = """42["note",""]""".Length;

        await client.PostAsync($"""42["note","{new string('x', 1000 - overhead)}"]""");
        Assert.Equal([1000 - overhead], lengths);
        var answer = await client.TryPostAsync($"""42["note","{new string('x', 1001 - overhead)}"]""");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.Status);
        Assert.Equal(DisconnectReason.LimitExceeded, await server.EndAsync(server.Sockets.Single()));
    }

    [Fact]
    public async Task A_post_whose_length_is_not_announced_is_cut_off_at_MaxPayloadBytes()
    {
        await using var server = await TestServer.StartAsync(new SocketIOOptions { MaxPayloadBytes = 1000 });
        using var client = await server.ConnectPollingAsync(4);
        using var endless = new StreamContent(new EndlessStream());

        try
        {
            var response = await client.Http.PostAsync("/socket.io/?" + client.Query, endless);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        }
        catch (HttpRequestException)
        {
            // The server has closed the connection while we were still sending.
        }

        Assert.Equal(DisconnectReason.LimitExceeded, await server.EndAsync(server.Sockets.Single()));
    }

    [Fact]
    public async Task One_answer_to_protocol_4_holds_16_packets_at_most()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectPollingAsync(4);
        for (var i = 0; i < 40; i++)
        {
            server.Server.Root.Emit(EventMessage.Create("news", i));
        }

        var answers = new List<List<string>> { await client.PollAsync(), await client.PollAsync(), await client.PollAsync() };

        Assert.Equal([16, 16, 8], answers.Select(answer => answer.Count));
        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"42[\"news\",{i}]"), answers.SelectMany(answer => answer));
    }

    [Fact]
    public async Task A_client_that_does_not_poll_is_disconnected_past_MaxBufferedBytes()
    {
        await using var server = await TestServer.StartAsync(new SocketIOOptions { MaxBufferedBytes = 10_000 });
        using var client = await server.ConnectPollingAsync(4);
        var socket = server.Sockets.Single();
        var message = EventMessage.Create("news", new string('x', 1000));

        var sent = 0;
        while (socket.Emit(message))
        {
            sent++;
            Assert.InRange(socket.BufferedBytes, 1, 10_000);
        }

        Assert.Equal(9, sent);
        Assert.Equal(DisconnectReason.LimitExceeded, await server.EndAsync(socket));
        Assert.Empty(server.Server.Sessions);
    }

    [Fact]
    public async Task ProbeAsync_completes_with_the_poll_after_the_answer_that_carried_what_was_sent()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectPollingAsync(4);
        var socket = server.Sockets.Single();
        socket.Emit(EventMessage.Create("news", 1));
        var probe = socket.ProbeAsync();

        Assert.Equal(["""42["news",1]"""], await client.PollAsync());
        Assert.False(probe.IsCompleted);
        var next = client.PollAsync();

        Assert.True(await probe.WaitAsync(TimeSpan.FromSeconds(10)));
        await client.PostAsync("1");
        await next;
    }

    [Fact]
    public async Task ProbeAsync_releases_a_poll_that_hung_before_it_as_that_one_proves_nothing()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectPollingAsync(4);
        var hanging = client.PollAsync();
        await Eventually.TrueAsync(() => server.Server.Sessions[client.Sid].IsPolling);

        var probe = server.Sockets.Single().ProbeAsync();

        Assert.Equal(["6"], await hanging);
        Assert.False(probe.IsCompleted);
        var next = client.PollAsync();
        Assert.True(await probe.WaitAsync(TimeSpan.FromSeconds(10)));
        await client.PostAsync("1");
        await next;
    }

    [Fact]
    public async Task ProbeAsync_is_false_when_the_socket_ends_first()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.ConnectPollingAsync(4);

        var probe = server.Sockets.Single().ProbeAsync();
        await client.PostAsync("1");

        Assert.False(await probe.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.False(await server.Sockets.Single().ProbeAsync());
    }

    private sealed class EndlessStream : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            buffer.AsSpan(offset, count).Fill((byte)'x');
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
