using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

using LiveRobot.Testing;

namespace LiveRobot.Api.Tests;

/// <summary>
/// A browser as the API sees one: it keeps the session's cookie and says which page it is on. Each has an address of its
/// own, so that what one does too often does not count against another.
/// </summary>
internal sealed class Browser : IDisposable
{
    private readonly ServiceHost _host;
    private readonly HttpClient _client;

    public Browser(ServiceHost host, IPAddress? address = null)
    {
        _host = host;
        _client = new HttpClient(LoopbackAddresses.From(address ?? LoopbackAddresses.Take())) { BaseAddress = host.Address };
    }

    /// <summary>Gets or sets the session's cookie as <c>name=value</c>; null when there is none.</summary>
    public string? Cookie { get; set; }

    /// <summary>Gets or sets headers that go with every request.</summary>
    public Dictionary<string, string> Headers { get; } = [];

    /// <summary>A program of the same person, which has an API key and no cookie.</summary>
    public Browser WithKey(string key) => new(_host) { Headers = { ["Authorization"] = $"Bearer {key}" } };

    public async Task SignUpAsync(string name, string password)
    {
        using var answer = await PostAsync("/api/v1/register", new { username = name, password });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public Task<HttpResponseMessage> PostAsync(string path, object body) => SendAsync(HttpMethod.Post, path, JsonContent.Create(body));

    public Task<HttpResponseMessage> PostFormAsync(string path, params (string Name, string Value)[] fields) =>
        SendAsync(HttpMethod.Post, path, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))));

    public async Task<JsonElement> JsonAsync(string path)
    {
        using var answer = await SendAsync(HttpMethod.Get, path);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {answer.StatusCode} {body}");
        return JsonElement.Parse(body);
    }

    public async Task<HttpStatusCode> StatusAsync(string path)
    {
        using var answer = await SendAsync(HttpMethod.Get, path);
        return answer.StatusCode;
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        foreach (var (name, value) in Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (Cookie is not null)
        {
            request.Headers.TryAddWithoutValidation("Cookie", Cookie);
        }

        var answer = await _client.SendAsync(request);
        if (answer.Headers.TryGetValues("Set-Cookie", out var cookies))
        {
            var cookie = cookies.Single().Split(';')[0];
            Cookie = cookie.EndsWith('=') ? null : cookie;
        }

        return answer;
    }

    public void Dispose() => _client.Dispose();
}
