using System.Net;
using System.Text;
using System.Text.Json;

using LiveRobot.Testing;

using WebSockets.Tests;

namespace SocketIO.Tests;

public sealed class HandshakeTests
{
    [Fact]
    public async Task Protocol_3_without_b64_is_answered_in_binary_framing_with_the_open_packet_alone()
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.Client(3);

        var answer = await client.GetAsync();

        Assert.Equal("application/octet-stream", answer.ContentType);
        Assert.Equal(0, answer.Body[0]);
        var end = Array.IndexOf(answer.Body, (byte)0xFF);
        var length = answer.Body[1..end].Aggregate(0, (sum, digit) => (sum * 10) + digit);
        Assert.Equal(answer.Body.Length, end + 1 + length);
        var open = JsonDocument.Parse(answer.Body.AsMemory(end + 2)).RootElement;
        Assert.Equal((byte)'0', answer.Body[end + 1]);
        Assert.Equal(20, open.GetProperty("sid").GetString()!.Length);
        Assert.Equal("websocket", open.GetProperty("upgrades")[0].GetString());
        Assert.Equal(25000, open.GetProperty("pingInterval").GetInt32());
        Assert.Equal(20000, open.GetProperty("pingTimeout").GetInt32());
        Assert.False(open.TryGetProperty("maxPayload", out _));
    }

    [Fact]
    public async Task Protocol_3_with_b64_is_answered_in_text_framing()
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.Client(3, "&b64=1");

        var answer = await client.GetAsync();

        Assert.Equal("text/plain; charset=UTF-8", answer.ContentType);
        Assert.Matches("^[0-9]+:0{\"sid\":\"[^\"]+\",.*}$", answer.Text);
        Assert.Equal(answer.Text.Split(':', 2)[1].Length, int.Parse(answer.Text.Split(':')[0]));
    }

    [Fact]
    public async Task A_query_without_EIO_means_protocol_3()
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.Client(0, "&b64=1");

        Assert.Matches("^[0-9]+:0{", (await client.GetAsync()).Text);
    }

    [Fact]
    public async Task Protocol_4_is_told_the_largest_payload()
    {
        await using var server = await TestServer.StartAsync(new SocketIOOptions { MaxPayloadBytes = 1234 });
        using var client = server.Client(4);

        var open = await client.OpenAsync();

        Assert.Equal(1234, open.GetProperty("maxPayload").GetInt32());
        Assert.Equal(["sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"], open.EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public async Task A_cookie_io_of_an_earlier_session_is_ignored_and_none_is_set()
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.Client(3);
        await client.OpenAsync();
        using var second = server.Client(3);

        var answer = await second.SendAsync(HttpMethod.Get, second.Query, headers: [("Cookie", $"io={client.Sid}")]);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.DoesNotContain(client.Sid, answer.Text);
        Assert.False(answer.Message.Headers.Contains("Set-Cookie"));
    }

    [Theory]
    [InlineData("GET", "EIO=5&transport=polling", 5, "Unsupported protocol version")]
    [InlineData("GET", "EIO=abc&transport=polling", 5, "Unsupported protocol version")]
    [InlineData("GET", "EIO=4&EIO=3&transport=polling", 5, "Unsupported protocol version")]
    [InlineData("GET", "EIO=4", 0, "Transport unknown")]
    [InlineData("GET", "EIO=4&transport=carrier-pigeon", 0, "Transport unknown")]
    [InlineData("GET", "EIO=4&transport=polling&sid=unknown", 1, "Session ID unknown")]
    [InlineData("POST", "EIO=4&transport=polling", 2, "Bad handshake method")]
    [InlineData("GET", "EIO=4&transport=websocket", 3, "Bad request")]
    [InlineData("GET", "EIO=3&transport=polling&j=0", 3, "Bad request")]
    public async Task An_invalid_request_gets_400_and_the_protocols_code_and_is_counted(string method, string query, int code, string message)
    {
        // All servers of the process count together.
        using var metrics = new RecordedMetrics(meters: null);
        await using var server = await TestServer.StartAsync();
        using var client = server.Client(4);

        var answer = await client.SendAsync(new HttpMethod(method), query);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("application/json", answer.ContentType);
        Assert.Equal($"{{\"code\":{code},\"message\":\"{message}\"}}", answer.Text);
        Assert.Contains($"socketio.requests.refused 1 reason={message.ToLowerInvariant().Replace(' ', '_').Replace("_protocol", "", StringComparison.Ordinal)}", metrics.Lines);
    }

    [Theory]
    [InlineData("transport=polling")]
    [InlineData("EIO=3&transport=polling")]
    public async Task Protocol_3_is_refused_unless_allowed(string query)
    {
        await using var server = await TestServer.StartAsync(new SocketIOOptions { AllowEngineIO3 = false });
        using var client = server.Client(4);

        Assert.Equal("{\"code\":5,\"message\":\"Unsupported protocol version\"}", (await client.SendAsync(HttpMethod.Get, query)).Text);
        await client.OpenAsync();
    }

    [Fact]
    public async Task A_session_may_not_change_its_protocol()
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.Client(4);
        await client.OpenAsync();

        var answer = await client.SendAsync(HttpMethod.Get, client.Query.Replace("EIO=4", "EIO=3", StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
    }

    [Fact]
    public async Task Another_method_on_a_session_is_refused()
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.Client(4);
        await client.OpenAsync();

        Assert.Equal(HttpStatusCode.BadRequest, (await client.SendAsync(HttpMethod.Put, client.Query, [52], "text/plain")).Status);
    }

    [Fact]
    public async Task Past_MaxConnections_a_client_is_refused_until_another_leaves()
    {
        await using var server = await TestServer.StartAsync(new SocketIOOptions { MaxConnections = 1 });
        using var first = server.Client(4);
        await first.OpenAsync();
        using var second = server.Client(4);

        Assert.Equal(HttpStatusCode.Forbidden, (await second.GetAsync()).Status);
        await first.PostAsync("1");
        await second.OpenAsync();
    }

    [Fact]
    public async Task A_page_of_another_origin_may_poll_with_credentials()
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.Client(4);

        var answer = await client.SendAsync(HttpMethod.Get, client.Query, headers: [("Origin", "https://elsewhere.example")]);
        var preflight = await client.SendAsync(
            HttpMethod.Options,
            client.Query,
            headers: [("Origin", "https://elsewhere.example"), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type")]);

        Assert.Equal("https://elsewhere.example", answer.Message.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal("true", answer.Message.Headers.GetValues("Access-Control-Allow-Credentials").Single());
        Assert.Equal(HttpStatusCode.NoContent, preflight.Status);
        Assert.Equal("https://elsewhere.example", preflight.Message.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("POST", preflight.Message.Headers.GetValues("Access-Control-Allow-Methods").Single());
        Assert.Equal("content-type", preflight.Message.Headers.GetValues("Access-Control-Allow-Headers").Single());
    }

    [Fact]
    public async Task With_AllowedOrigins_only_those_are_allowed()
    {
        await using var server = await TestServer.StartAsync(new SocketIOOptions { AllowedOrigins = { "https://ours.example" } });
        using var client = server.Client(4);

        var ours = await client.SendAsync(HttpMethod.Get, client.Query, headers: [("Origin", "https://ours.example")]);
        var theirs = await client.SendAsync(HttpMethod.Get, client.Query, headers: [("Origin", "https://elsewhere.example")]);

        Assert.True(ours.Message.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.False(theirs.Message.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task The_handshake_is_kept_over_an_upgrade()
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.Client(3, "&token=a%20b");
        var answer = await client.SendAsync(HttpMethod.Get, client.Query, headers: [("User-Agent", "test/1"), ("Cookie", "name=value")]);
        client.Dispose();
        using var webSocket = new RawWebSocketClient();
        var sid = JsonDocument.Parse(client.Decode(answer).Single()[1..]).RootElement.GetProperty("sid").GetString();
        await webSocket.ConnectAsync(server.Port, $"/socket.io/?EIO=3&transport=websocket&sid={sid}");
        await webSocket.SendTextAsync("2probe");
        await webSocket.ReceiveTextAsync();
        await webSocket.SendTextAsync("5");

        var handshake = (await server.SocketAsync()).Handshake;

        Assert.Equal(3, handshake.EngineIOVersion);
        Assert.Equal(IPAddress.Loopback, handshake.RemoteAddress);
        Assert.Equal(server.Port, handshake.LocalPort);
        Assert.False(handshake.IsSecure);
        Assert.Equal("test/1", handshake.Headers["user-agent"]);
        Assert.Equal("a b", handshake.Query["token"]);
        Assert.Equal("value", handshake.Cookies["name"]);
        Assert.Equal(Encoding.UTF8.GetBytes(sid!), Encoding.UTF8.GetBytes(server.Sockets.Single().Id));
    }
}
