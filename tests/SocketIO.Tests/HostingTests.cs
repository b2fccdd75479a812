using System.Net;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using SocketIO.Hosting;

using WebSockets.Tests;

namespace SocketIO.Tests;

public sealed class HostingTests
{
    [Fact]
    public async Task One_server_is_reached_on_several_paths_with_and_without_a_trailing_slash_and_in_a_branch()
    {
        await using var app = Build([], app =>
        {
            app.MapSocketIO("/socket.io", "one");
            app.MapSocketIO("/control/socket.io/", "one");
            app.MapWhen(
                context => context.Request.Headers.ContainsKey("X-Branch"),
                branch => branch.UseRouting().UseEndpoints(endpoints => endpoints.MapSocketIO("/other", "one")));
        });
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var branched = new HttpClient { BaseAddress = http.BaseAddress, DefaultRequestHeaders = { { "X-Branch", "1" } } };

        foreach (var path in (string[])["/socket.io", "/socket.io/", "/control/socket.io", "/control/socket.io/"])
        {
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync($"{path}?EIO=4&transport=polling")).StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, (await branched.GetAsync("/other/?EIO=4&transport=polling")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/other/?EIO=4&transport=polling")).StatusCode);
        var server = app.Services.GetRequiredKeyedService<SocketIOServer>("one");
        Assert.Equal(5, server.Sessions.Count);
    }

    [Fact]
    public async Task Options_are_bound_from_the_section_of_the_servers_name()
    {
        await using var app = Build(new() { ["SocketIO:one:PingInterval"] = "00:00:07", ["SocketIO:one:AllowedOrigins:0"] = "https://a.example" }, _ => { });
        await app.StartAsync();

        var options = app.Services.GetRequiredKeyedService<SocketIOServer>("one").Options;

        Assert.Equal(TimeSpan.FromSeconds(7), options.PingInterval);
        Assert.Equal(["https://a.example"], options.AllowedOrigins);
    }

    [Theory]
    [InlineData("PingInterval", "00:00:00.099")]
    [InlineData("PingTimeout", "00:10:01")]
    [InlineData("ConnectDelay", "00:00:11")]
    [InlineData("FirstPollTimeout", "00:00:00")]
    [InlineData("UpgradeTimeout", "00:00:00")]
    [InlineData("ConnectTimeout", "00:00:00")]
    [InlineData("MaxPayloadBytes", "0")]
    [InlineData("MaxBufferedBytes", "1023")]
    [InlineData("MaxPendingBytes", "1023")]
    [InlineData("MaxConnections", "0")]
    [InlineData("MaxConnectionsPerAddress", "0")]
    [InlineData("MaxNamespacesPerConnection", "0")]
    [InlineData("MaxPacketsPerSecond", "0")]
    [InlineData("MaxAttachments", "-1")]
    [InlineData("MaxAttachmentBytes", "-1")]
    [InlineData("RecoveryTime", "00:00:00")]
    [InlineData("RecoveryMaxEvents", "0")]
    [InlineData("RecoveryMaxBytes", "1023")]
    [InlineData("RecoveryMaxSessions", "0")]
    public async Task A_setting_out_of_range_keeps_the_application_from_starting_and_is_named(string setting, string value)
    {
        await using var app = Build(new() { [$"SocketIO:one:{setting}"] = value }, _ => { });

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());

        Assert.Contains(setting, error.Message);
    }

    [Fact]
    public async Task Stopping_the_application_lets_open_connections_go_at_once()
    {
        await using var app = Build([], app => app.MapSocketIO("/socket.io", "one"));
        await app.StartAsync();
        using var client = new RawWebSocketClient();
        await client.ConnectAsync(new Uri(app.Urls.Single()).Port, "/socket.io/?EIO=4&transport=websocket");
        await client.ReceiveTextAsync();

        var stopping = app.StopAsync();

        Assert.Equal(1001, await client.ReceiveCloseAsync());
        await client.SendAsync(0x88, [0x03, 0xE9]);
        await stopping.WaitAsync(TimeSpan.FromSeconds(5));
    }

    private static WebApplication Build(Dictionary<string, string?> settings, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddSocketIO("one", (_, _) => { });
        var app = builder.Build();
        map(app);
        return app;
    }
}
