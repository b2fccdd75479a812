using System.Net;

using LiveRobot.RobotClient.Configuration;
using LiveRobot.RobotClient.Server;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LiveRobot.RobotClient.Tests.Server;

/// <summary>Look-ups against a real server that answers whatever the test says.</summary>
public sealed class LookupTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly Dictionary<string, string> _answers = new()
    {
        ["/get_control_host_port/12%203?version=2"] = """{"host":"control.example","port":8021}""",
        ["/get_chat_host_port/12%203"] = """{"host":"chat.example","port":"8023"}""",
        ["/get_websocket_relay_host/7"] = """{"host":"relay.example"}""",
        ["/get_video_port/7"] = """{"mpeg_stream_port":8082,"port":1}""",
        ["/get_audio_port/7"] = """{"port":8083}""",
        ["/api/v1/robots/12%203"] = """{"xres":320,"yres":"240","mic_enabled":false}""",
    };

    private WebApplication _server = null!;
    private HttpClient _http = null!;
    private Lookup _lookup = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _server = builder.Build();
        _server.Run(AnswerAsync);
        await _server.StartAsync();
        var address = new Uri(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        _http = Lookup.CreateHttpClient(robotToken: null);
        _http.Timeout = TimeSpan.FromSeconds(1);
        _lookup = new Lookup(_http, new RobotOptions
        {
            Server = address,
            ApiServer = address,
            RobotId = "12 3",
            CameraId = 7,
            StreamKey = "k/y",
            StatusHost = "status.example",
        });
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Addresses_OfTheSockets_AreThoseTheServerTold()
    {
        Assert.Equal(new Uri("http://control.example:8021"), await _lookup.ControlAsync(None));
        Assert.Equal(new Uri("http://chat.example:8023"), await _lookup.ChatAsync(None));
        Assert.Equal(new Uri("http://status.example:8022"), _lookup.Status);
    }

    [Fact]
    public async Task Addresses_OfTheIngests_CarryKeyAndSize()
    {
        Assert.Equal("http://relay.example:8082/k%2Fy/320/240/", (await _lookup.VideoAsync(new(320, 240), None)).AbsoluteUri);
        Assert.Equal("http://relay.example:8083/k%2Fy/320/240/", (await _lookup.AudioAsync(new(320, 240), None)).AbsoluteUri);
    }

    [Theory]
    [InlineData("""{"xres":320,"yres":"240","mic_enabled":false}""", 320, 240, false)]
    [InlineData("""{"xres":1280,"yres":720,"mic_enabled":true}""", 1280, 720, true)]
    [InlineData("""{"xres":null}""", 640, 480, true)]
    [InlineData("{}", 640, 480, true)]
    public async Task Settings_OfThatAnswer_AreRead(string answer, int xres, int yres, bool micEnabled)
    {
        _answers["/api/v1/robots/12%203"] = answer;

        Assert.Equal(new RobotSettings(new(xres, yres), micEnabled), await _lookup.SettingsAsync(None));
    }

    [Theory]
    [InlineData("""{"xres":15,"yres":480}""", "15x480 cannot be sent")]
    [InlineData("""{"xres":4096,"yres":480}""", "4096x480 cannot be sent")]
    [InlineData("not json", "is not JSON")]
    [InlineData("404", "answered 404 (is the id right?)")]
    [InlineData("500", "answered 500")]
    [InlineData("silence", "no answer within 1 s")]
    public async Task Settings_OfABadAnswer_FailWithTheReasonAndNoId(string answer, string reason)
    {
        _answers["/api/v1/robots/12%203"] = answer;

        var failure = await Assert.ThrowsAsync<LookupException>(() => _lookup.SettingsAsync(None));

        Assert.StartsWith("api/v1/robots", failure.Message);
        Assert.Contains(reason, failure.Message);
        Assert.DoesNotContain("12", failure.Message.Replace("12x", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"host":"control.example"}""", "no port")]
    [InlineData("""{"host":"control.example","port":0}""", "no port")]
    [InlineData("""{"host":"control.example","port":65536}""", "no port")]
    [InlineData("""{"port":1}""", "no host")]
    [InlineData("""{"host":null,"port":1}""", "no host")]
    [InlineData("""{"host":"a b/c","port":1}""", "a host that is none")]
    [InlineData("[]", "no host")]
    public async Task Control_OfABadAnswer_FailsWithTheReason(string answer, string reason)
    {
        _answers["/get_control_host_port/12%203?version=2"] = answer;

        var failure = await Assert.ThrowsAsync<LookupException>(() => _lookup.ControlAsync(None));

        Assert.Contains(reason, failure.Message);
    }

    [Fact]
    public async Task Cancellation_DuringALookup_IsNoFailureOfTheServer()
    {
        _answers["/get_chat_host_port/12%203"] = "silence";
        using var cancellation = new CancellationTokenSource();
        var asking = _lookup.ChatAsync(cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.ToUriComponent() + context.Request.QueryString;
        switch (_answers.GetValueOrDefault(path, "404"))
        {
            case "silence":
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
                break;
            case ['4' or '5', _, _] status:
                context.Response.StatusCode = int.Parse(status);
                break;
            case var answer:
                await context.Response.WriteAsync(answer);
                break;
        }
    }
}
