using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

using LiveRobot.Testing;

namespace SocketIO.Tests;

/// <summary>An answer to one request, with its bytes as they came.</summary>
internal sealed record Answer(HttpStatusCode Status, string? ContentType, byte[] Body, HttpResponseMessage Message)
{
    public string Text => Encoding.UTF8.GetString(Body);
}

/// <summary>A client on polling that speaks in bytes; its framing is written here a second time, from the protocol's description.</summary>
internal sealed class PollingClient(int port, int version, string query) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Patience };

    public string Sid { get; private set; } = "";

    public HttpClient Http => _http;

    private bool IsText => version == 4 || query.Contains("b64=1", StringComparison.Ordinal);

    /// <summary>Makes the handshake and returns the open packet's JSON.</summary>
    public async Task<JsonElement> OpenAsync()
    {
        var packet = Assert.Single(await PollAsync());
        Assert.StartsWith("0", packet);
        var open = JsonDocument.Parse(packet[1..]).RootElement;
        Sid = open.GetProperty("sid").GetString()!;
        return open;
    }

    /// <summary>Connects to the root namespace: revision 5 by asking, revision 4 by polling until it is told. The clock must move for the latter.</summary>
    public async Task ConnectAsync(TestServer server)
    {
        await OpenAsync();
        var poll = PollAsync();
        if (version == 4)
        {
            await PostAsync("40");
        }
        else
        {
            // The server may set its timer only after the poll has come: a time that has passed before would never be seen.
            await Eventually.TrueAsync(() => server.Server.Sessions[Sid].IsPolling);
            while (!poll.IsCompleted)
            {
                server.Clock.Advance(TimeSpan.FromMilliseconds(112));
                await Task.WhenAny(poll, Task.Delay(1000));
            }
        }

        Assert.StartsWith("40", (await poll)[0]);
    }

    public async Task<Answer> SendAsync(HttpMethod method, string query, byte[]? body = null, string? contentType = null, params (string, string)[] headers)
    {
        using var request = new HttpRequestMessage(method, "/socket.io/?" + query);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var response = await _http.SendAsync(request);
        var type = response.Content.Headers.TryGetValues("Content-Type", out var types) ? types.Single() : null;
        return new Answer(response.StatusCode, type, await response.Content.ReadAsByteArrayAsync(), response);
    }

    public Task<Answer> GetAsync() => SendAsync(HttpMethod.Get, Query);

    /// <summary>Polls once and returns the packets of the answer.</summary>
    public async Task<List<string>> PollAsync()
    {
        var answer = await GetAsync();
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        return Decode(answer);
    }

    public Task<Answer> TryPostAsync(params string[] packets)
    {
        var body = version == 4 ? Encoding.UTF8.GetBytes(string.Join('\u001e', packets))
            : IsText ? Encoding.UTF8.GetBytes(string.Concat(packets.Select(p => $"{p.Length}:{p}")))
            : [.. packets.SelectMany(EncodeBinary)];
        return SendAsync(HttpMethod.Post, Query, body, IsText ? "text/plain;charset=UTF-8" : "application/octet-stream");
    }

    public async Task PostAsync(params string[] packets)
    {
        var answer = await TryPostAsync(packets);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("ok", answer.Text);
    }

    public string Query =>
        $"transport=polling{(version == 0 ? "" : $"&EIO={version}")}{(Sid.Length > 0 ? $"&sid={Sid}" : "")}{query}";

    public string WebSocketPath => $"/socket.io/?transport=websocket&EIO={version}{(Sid.Length > 0 ? $"&sid={Sid}" : "")}{query}";

    public void Dispose() => _http.Dispose();

    public List<string> Decode(Answer answer)
    {
        if (version == 4)
        {
            Assert.Equal("text/plain; charset=UTF-8", answer.ContentType);
            return [.. answer.Text.Split('\u001e')];
        }

        var packets = new List<string>();
        if (IsText)
        {
            Assert.Equal("text/plain; charset=UTF-8", answer.ContentType);
            for (var rest = answer.Text; rest.Length > 0;)
            {
                var colon = rest.IndexOf(':', StringComparison.Ordinal);
                var length = int.Parse(rest[..colon], CultureInfo.InvariantCulture);
                packets.Add(rest.Substring(colon + 1, length));
                rest = rest[(colon + 1 + length)..];
            }

            return packets;
        }

        Assert.Equal("application/octet-stream", answer.ContentType);
        for (var rest = answer.Body; rest.Length > 0;)
        {
            Assert.InRange(rest[0], 0, 1);
            var end = Array.IndexOf(rest, (byte)0xFF);
            var length = rest[1..end].Aggregate(0, (sum, digit) => (sum * 10) + digit);
            packets.Add(rest[0] == 0 ? Encoding.UTF8.GetString(rest, end + 1, length) : "bytes " + Convert.ToHexString(rest, end + 1, length));
            rest = rest[(end + 1 + length)..];
        }

        return packets;
    }

    private static byte[] EncodeBinary(string packet)
    {
        var bytes = Encoding.UTF8.GetBytes(packet);
        return [0, .. bytes.Length.ToString(CultureInfo.InvariantCulture).Select(digit => (byte)(digit - '0')), 0xFF, .. bytes];
    }
}
