using System.Text;

using LiveRobot.Testing;

using WebSockets.Tests;

namespace SocketIO.Tests;

/// <summary>
/// Whatever a client sends, in whatever pieces, the server answers or ends that client's session, and serves the
/// others as before. <c>./test.sh --long</c> tries other input, and fifty times as much.
/// </summary>
public sealed class FuzzTests
{
    private const int ShortRounds = 40;

    private static readonly string[] Parts =
    [
        "40", "41", "42", "43", "44", "45", "46", "0", "1", "2", "3", "5", "6", "4", "2probe", "3probe", "/", "/other,", "/a?b=c,", ",", "-", "1-", "2-",
        "999999999-", "7", "99999999999999999999", "[\"e\",1]", "[\"e\"", "[", "]", "{}", "{\"pid\":\"x\"}", "{\"_placeholder\":true,\"num\":0}", "\"", "\\u",
        "\u001e", "6:", "é", "\ud83d\ude00", "\0", "b", "bAQID", "b4AQ==", "[[[[[[[[[[", "null", " ", "\n",
    ];

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public async Task On_a_WebSocket(int version)
    {
        var random = Random();
        await using var server = await StartAsync();
        for (var round = 0; round < Rounds; round++)
        {
            using var client = new RawWebSocketClient();
            await client.ConnectAsync(server.Port, $"/socket.io/?EIO={version}&transport=websocket");
            try
            {
                for (var i = random.Next(1, 20); i > 0; i--)
                {
                    await SendAsync(client, random);
                }
            }
            catch (IOException)
            {
                // The server has had enough.
            }
        }

        await AssertServesAsync(server);
    }

    [Theory]
    [InlineData(3, "")]
    [InlineData(3, "&b64=1")]
    [InlineData(4, "")]
    public async Task On_polling(int version, string query)
    {
        var random = Random();
        await using var server = await StartAsync();
        for (var round = 0; round < Rounds; round++)
        {
            using var client = server.Client(version, query);
            await client.OpenAsync();
            for (var i = random.Next(1, 8); i > 0; i--)
            {
                var body = random.Next(3) == 0 ? RandomBytes(random, 300) : Encoding.UTF8.GetBytes(RandomText(random));
                var type = random.Next(2) == 0 ? "text/plain;charset=UTF-8" : "application/octet-stream";
                var answer = await client.SendAsync(HttpMethod.Post, client.Query, body, type);
                Assert.Contains((int)answer.Status, (int[])[200, 400, 413]);
                if (answer.Status != System.Net.HttpStatusCode.OK)
                {
                    break;
                }
            }
        }

        await AssertServesAsync(server);
    }

    [Fact]
    public async Task In_the_requests_themselves()
    {
        string[] values = ["", "3", "4", "5", "-1", "polling", "websocket", "abc", "%00", "%F0%9F%98%80", new string('x', 500)];
        string[] methods = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"];
        var random = Random();
        await using var server = await StartAsync();
        using var client = server.Client(4);
        for (var round = 0; round < Rounds; round++)
        {
            var query = new StringBuilder();
            foreach (var name in (string[])["EIO", "transport", "sid", "b64", "j", "t"])
            {
                for (var i = random.Next(3); i > 0; i--)
                {
                    query.Append(System.Globalization.CultureInfo.InvariantCulture, $"{name}={values[random.Next(values.Length)]}&");
                }
            }

            var answer = await client.SendAsync(new HttpMethod(methods[random.Next(methods.Length)]), query.ToString());

            Assert.Contains((int)answer.Status, (int[])[200, 204, 400]);
        }

        await AssertServesAsync(server);
    }

    private static int Rounds => RandomInput.IsLong ? 50 * ShortRounds : ShortRounds;

    private static Random Random() => RandomInput.IsLong ? new Random() : new Random(2026);

    private static Task<TestServer> StartAsync() => TestServer.StartAsync(
        new SocketIOOptions { MaxPayloadBytes = 10_000, MaxPendingBytes = 20_000, MaxBufferedBytes = 100_000, RecoveryTime = TimeSpan.FromMinutes(1) },
        socket => socket.On("e", e =>
        {
            // A handler that touches everything.
            _ = e[0].ValueKind == System.Text.Json.JsonValueKind.Undefined ? 0 : e[0].GetRawText().Length;
            socket.Emit(EventMessage.FromArguments("e", e.Json.Span, e.Attachments));
            e.AcknowledgeJson(e.Json.Span, e.Attachments);
        }));

    /// <summary>Sends a message: text, bytes, a fragment, or what is not even a frame.</summary>
    private static Task SendAsync(RawWebSocketClient client, Random random) => random.Next(12) switch
    {
        0 => client.SendRawAsync(RandomBytes(random, 50)),
        1 => client.SendAsync((byte)random.Next(256), RandomBytes(random, 130)),
        2 => client.SendAsync(0x01, Encoding.UTF8.GetBytes(RandomText(random))),
        3 => client.SendAsync(0x80, RandomBytes(random, 20)),
        4 => client.SendAsync(0x82, RandomBytes(random, 200)),
        5 => client.SendAsync(0x81, new byte[random.Next(12_000)]),
        _ => client.SendTextAsync(RandomText(random)),
    };

    private static string RandomText(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(1, 8)).Select(_ => Parts[random.Next(Parts.Length)]));

    private static byte[] RandomBytes(Random random, int max)
    {
        var bytes = new byte[random.Next(max)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static async Task AssertServesAsync(TestServer server)
    {
        using var client = await WebSocketTests.ConnectAsync(server);
        await client.SendTextAsync("""421["e"]""");
        Assert.StartsWith("42[\"e\",", await client.ReceiveTextAsync());
        Assert.Equal("431[]", await client.ReceiveTextAsync());
        server.AssertNothingFailed();
    }
}
