using System.Net.Http.Json;
using System.Text.Json;

using LiveRobot.Testing;

namespace LiveRobot.Api.Tests;

/// <summary>What robots and pages are told where there are slots: the addresses of the robot's own.</summary>
public sealed class SlotTests : IAsyncLifetime
{
    private ServiceHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await ServiceHost.StartAsync(
        builder => builder.AddApi(),
        endpoints => endpoints.MapApi(),
        new Dictionary<string, string?>
        {
            ["Advertise:Host"] = "site.example.org",
            ["Ports:Chat"] = "9023",
            ["Cluster:Slots:0:Control"] = "robots.example.org:8021",
            ["Cluster:Slots:1:Control"] = "robots.example.org:8121",
            ["Cluster:Slots:1:Chat"] = "chat.example.org:8123",
            ["Cluster:Slots:1:Video"] = "relay.example.org:8182",
            ["Cluster:Slots:1:Audio"] = "relay.example.org:8183",
        });

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Each_robot_is_told_the_addresses_of_its_slot()
    {
        var (first, second) = (await _host.Robots.AddAsync("First", "alice"), await _host.Robots.AddAsync("Second", "alice"));
        var (camera, secondCamera) = (first.Cameras[0].CameraId, second.Cameras[0].CameraId);

        Assert.Equal(("robots.example.org", 8021), await HostPortAsync($"get_control_host_port/{first.RobotId}"));
        Assert.Equal(("robots.example.org", 8121), await HostPortAsync($"get_control_host_port/{second.RobotId}?version=2"));
        Assert.Equal(("chat.example.org", 8123), await HostPortAsync($"get_chat_host_port/{second.RobotId}"));
        Assert.Equal("relay.example.org", (await GetAsync($"get_websocket_relay_host/{secondCamera}")).GetProperty("host").GetString());
        Assert.Equal(8182, (await GetAsync($"get_video_port/{secondCamera}")).GetProperty("mpeg_stream_port").GetInt32());
        Assert.Equal(8183, (await GetAsync($"get_audio_port/{secondCamera}")).GetProperty("audio_stream_port").GetInt32());

        // What a slot does not say is what is told without slots; the status socket is behind any node.
        Assert.Equal(("site.example.org", 9023), await HostPortAsync($"get_chat_host_port/{first.RobotId}"));
        Assert.Equal("site.example.org", (await GetAsync($"get_websocket_relay_host/{camera}")).GetProperty("host").GetString());
        Assert.Equal(("site.example.org", 8022), await HostPortAsync($"get_status_host_port/{second.RobotId}"));
    }

    [Fact]
    public async Task Pages_are_told_the_paths_of_the_slot()
    {
        await _host.Robots.AddAsync("First", "alice");
        await _host.Robots.AddAsync("Second", "alice");

        var paths = (await GetAsync("api/v1/robots/second")).GetProperty("paths");
        Assert.Equal("""{"control":"slots/1/control","chat":"slots/1/chat","relay":"slots/1/relay"}""", paths.GetRawText());
    }

    [Fact]
    public async Task Pages_are_sent_to_any_relay_while_too_many_watch_for_one()
    {
        await _host.Robots.AddAsync("First", "alice");
        await _host.Robots.AddAsync("Second", "alice");
        await _host.Presence.SpreadViewersAsync("second", 3_000);

        Assert.Equal("relay", (await GetAsync("api/v1/robots/second")).GetProperty("paths").GetProperty("relay").GetString());
        await _host.Presence.GatherViewersAsync("second");
        Assert.Equal("slots/1/relay", (await GetAsync("api/v1/robots/second")).GetProperty("paths").GetProperty("relay").GetString());
    }

    private async Task<(string? Host, int Port)> HostPortAsync(string path)
    {
        var answer = await GetAsync(path);
        return (answer.GetProperty("host").GetString(), answer.GetProperty("port").GetInt32());
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using var http = new HttpClient();
        return await http.GetFromJsonAsync<JsonElement>(new Uri(_host.Address, path));
    }
}
