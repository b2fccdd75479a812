using System.Globalization;
using System.Net;
using System.Text.Json;

using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.Api.Tests;

/// <summary>
/// One API for all tests of a class, with one robot that is only looked at. A test that changes anything makes people
/// and robots of its own (<see cref="NewName"/>), and each of its browsers has an address of its own.
/// </summary>
public sealed class ApiFixture : IAsyncLifetime
{
    private static int _names;

    public ServiceHost Host { get; private set; } = null!;

    public Robot Robot { get; private set; } = null!;

    public string StreamKey { get; private set; } = null!;

    public int CameraId => Robot.Cameras[0].CameraId;

    public HttpClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Host = await ServiceHost.StartAsync(
            builder => builder.AddApi(),
            endpoints => endpoints.MapApi(),
            new Dictionary<string, string?>
            {
                ["Accounts:RobotsPerAccount"] = "3",
                ["Accounts:AllowedOrigins:0"] = "https://panel.example.org",
            });
        Robot = await Host.Robots.AddAsync("Rover", "alice");
        StreamKey = await Host.Robots.StreamKeyAsync(CameraId);
        Client = new HttpClient { BaseAddress = Host.Address };
    }

    /// <summary>Makes the name of an account that no other test has.</summary>
    public static string NewName(string beginning) =>
        string.Create(CultureInfo.InvariantCulture, $"{beginning}{Interlocked.Increment(ref _names)}");

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
