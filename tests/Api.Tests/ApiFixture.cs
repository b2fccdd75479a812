using System.Net;
using System.Text.Json;

using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.Api.Tests;

/// <summary>The API with one robot, spoken to over HTTP as robots do.</summary>
public sealed class ApiFixture : IAsyncLifetime
{
    public ServiceHost Host { get; private set; } = null!;

    public Robot Robot { get; private set; } = null!;

    public string StreamKey { get; private set; } = null!;

    public int CameraId => Robot.Cameras[0].CameraId;

    public HttpClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Host = await ServiceHost.StartAsync(builder => builder.AddApi(), endpoints => endpoints.MapApi());
        Robot = await Host.Robots.AddAsync("Rover", "alice");
        StreamKey = await Host.Robots.StreamKeyAsync(CameraId);
        Client = new HttpClient { BaseAddress = Host.Address };
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Host.DisposeAsync();
    }

    /// <summary>Asks as an existing robot does and gives the JSON of a 200.</summary>
    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await Client.GetAsync(new Uri(path, UriKind.Relative));
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{path}: {response.StatusCode} {body}");
        return JsonElement.Parse(body);
    }
}
