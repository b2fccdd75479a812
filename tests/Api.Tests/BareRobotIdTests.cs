using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.Api.Tests;

/// <summary>What whoever has nothing but a robot-id gets over HTTP, and where the robot-id may not turn up.</summary>
public sealed class BareRobotIdTests : IAsyncLifetime
{
    private static readonly string[] Paths = ["/api/v1/robots/", "/get_control_host_port/", "/get_chat_host_port/", "/get_robot_owner/"];

    private ServiceHost _host = null!;
    private Browser _robot = null!;
    private Robot _rover = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await ServiceHost.StartAsync(
            builder => builder.AddApi(),
            endpoints => endpoints.MapApi(),
            new Dictionary<string, string?>
            {
                // The worst that somebody can configure.
                ["Logging:LogLevel:Default"] = "Trace",
                ["Logging:LogLevel:Microsoft"] = "Trace",
                ["Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics"] = "Trace",
                ["RobotAccess:UnknownIds"] = "100",
            });
        _rover = await _host.Robots.AddAsync("Rover", "alice");
        _robot = new Browser(_host);
    }

    public async ValueTask DisposeAsync()
    {
        _robot.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task It_reads_the_robots_own_settings_under_the_name_it_came_with_and_no_secret()
    {
        var streamKey = await _host.Robots.StreamKeyAsync(_rover.Cameras[0].CameraId);
        await _host.Robots.ReplaceRobotTokenAsync("rover");

        var byId = await _robot.JsonAsync($"/api/v1/robots/{_rover.RobotId}");
        var byHandle = await _robot.JsonAsync("/api/v1/robots/rover");

        Assert.Equal(_rover.RobotId, byId.GetProperty("robot_id").GetString());
        Assert.Equal("rover", byHandle.GetProperty("robot_id").GetString());
        Assert.DoesNotContain(_rover.RobotId, byHandle.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(streamKey, byId.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(byHandle.EnumerateObject().Select(field => field.Name), byId.EnumerateObject().Select(field => field.Name));
        Assert.All(["drivers", "bare_robot_id", "bare_robot_id_networks", "connections"], name => Assert.False(byId.TryGetProperty(name, out _), name));
    }

    [Theory]
    [InlineData("/get_wifi_login/{0}")]
    [InlineData("/api/v1/robots/{0}/credentials")]
    [InlineData("/api/v1/account/keys?robot_id={0}")]
    [InlineData("/api/v1/account/robots?robot_id={0}")]
    public async Task It_opens_no_stream_keys_API_keys_and_Wi_Fi(string path)
    {
        using var answer = await _robot.SendAsync(HttpMethod.Get, path.Replace("{0}", _rover.RobotId, StringComparison.Ordinal));

        Assert.Contains(answer.StatusCode, (HttpStatusCode[])[HttpStatusCode.Unauthorized, HttpStatusCode.NotFound]);
    }

    [Fact]
    public async Task An_answer_that_repeats_it_is_stored_nowhere()
    {
        using var answer = await _robot.SendAsync(HttpMethod.Get, $"/api/v1/robots/{_rover.RobotId}");

        Assert.True(answer.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task No_log_scope_and_trace_names_the_path_that_it_stands_in()
    {
        var unknown = "12345678901234567890";
        var traces = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => traces.Enqueue($"{activity.DisplayName} {string.Join(' ', activity.TagObjects.Select(tag => $"{tag.Key}={tag.Value}"))}"),
        };
        ActivitySource.AddActivityListener(listener);

        foreach (var path in Paths.Append("/nothing/here/").Append("/assets/"))
        {
            await _robot.StatusAsync(path + _rover.RobotId);
            await _robot.StatusAsync(path + unknown);
        }

        await Eventually.TrueAsync(() => traces.Count >= 12);
        foreach (var secret in new[] { _rover.RobotId, unknown })
        {
            Assert.DoesNotContain(_host.Log.Lines, line => line.Contains(secret, StringComparison.Ordinal));
            Assert.DoesNotContain(traces, trace => trace.Contains(secret, StringComparison.Ordinal));
        }

        Assert.Contains(_host.Log.Lines, line => line.StartsWith("Debug Microsoft.AspNetCore", StringComparison.Ordinal));
    }
}
