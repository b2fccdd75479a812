using System.Net;
using System.Text.Json;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.Api.Tests;

/// <summary>What the existing viewer apps ask for, with the types that they read.</summary>
public sealed class ViewerAppTests(ApiFixture api) : IClassFixture<ApiFixture>, IAsyncLifetime
{
    private const string Password = "correct horse";

    private readonly ServiceHost _host = api.Host;
    private readonly string _name = ApiFixture.NewName("alice");
    private Browser _app = null!;
    private Browser _other = null!;
    private Robot _robot = null!;

    public async ValueTask InitializeAsync()
    {
        (_app, _other) = (new Browser(_host), new Browser(_host));
        await _app.SignUpAsync(_name, Password);
        await _other.SignUpAsync(ApiFixture.NewName("bob"), Password);
        _robot = await _host.Robots.AddAsync("Rover", _name);
    }

    public ValueTask DisposeAsync()
    {
        _app.Dispose();
        _other.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_app_starts_with_a_configuration_the_robots_and_products()
    {
        var configuration = await _app.JsonAsync("/mobile/config.json");
        var start = await _app.JsonAsync("/internal/");
        var products = await _app.JsonAsync("/api/v1/products");

        Assert.False(configuration.GetProperty("forcedUpdate").GetProperty("enabled").GetBoolean());
        Assert.Equal(8000, start.GetProperty("socket_io_messaging_to_web_client_port").GetInt32());
        Assert.Equal("iknowyourelookingatthisthatsfine", start.GetProperty("chat_secret").GetString());
        Assert.Equal(JsonValueKind.Array, start.GetProperty("chat_messages").ValueKind);
        Assert.Equal((_name, false, false), (start.GetProperty("user").GetProperty("username").GetString(), start.GetProperty("user").GetProperty("moderator").GetBoolean(), start.GetProperty("superuser").GetBoolean()));
        Assert.Equal(_name, start.GetProperty("user").GetProperty("moderates_for")[0].GetString());
        Assert.NotEmpty(start.GetProperty("robot").GetProperty("robot_id").GetString()!);
        Assert.Equal(0, products.GetArrayLength());
        AssertSummary(Assert.Single(start.GetProperty("robots").EnumerateArray(), robot => robot.GetProperty("id").GetString() == _robot.Handle));
    }

    [Fact]
    public async Task Somebody_who_has_not_signed_in_is_no_user()
    {
        using var stranger = new Browser(_host);

        var start = await stranger.JsonAsync("/internal");
        var opened = await stranger.JsonAsync($"/internal/robot/{_robot.Handle}");

        Assert.All([start, opened], answer => Assert.False(answer.TryGetProperty("user", out _)));
        Assert.Equal(HttpStatusCode.Unauthorized, await stranger.StatusAsync("/api/v1/accounts"));
    }

    [Fact]
    public async Task A_robot_is_opened_with_its_panels()
    {
        await _host.Robots.ChangeAsync(_robot.Handle, robot => robot with
        {
            Description = "Six wheels",
            ButtonPanels = """[{"button_panel_label":"Lights","buttons":[{"label":"On","command":"LED_FULL","premium":true,"price":100}]}]""",
        });
        await _host.Presence.VideoStatusAsync(_robot.Handle, streams: true);

        var robot = (await _app.JsonAsync($"/internal/robot/{_robot.Handle}")).GetProperty("robot");

        AssertSummary(robot, status: "online");
        Assert.Equal(("Six wheels", true), (robot.GetProperty("robot_description").GetString(), robot.GetProperty("custom_panels").GetBoolean()));
        var panel = robot.GetProperty("panels")[0].GetProperty("button_panels")[0];
        var button = panel.GetProperty("buttons")[0];
        Assert.Equal(("Lights", "On", "LED_FULL"), (panel.GetProperty("button_panel_label").GetString(), button.GetProperty("label").GetString(), button.GetProperty("command").GetString()));

        // The app does not press what its user cannot pay, and nothing can be paid here.
        Assert.Equal((false, 0), (button.GetProperty("premium").GetBoolean(), button.GetProperty("price").GetInt32()));
        Assert.NotEmpty(button.GetProperty("_id").GetString()!);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", robot.GetProperty("ffmpeg_process_exists_timestamp").GetString()!);
    }

    [Fact]
    public async Task A_private_robot_and_a_robot_id_open_nothing()
    {
        await _host.Robots.SetVisibilityAsync(_robot.Handle, Visibility.Private);

        Assert.Equal(HttpStatusCode.NotFound, await _other.StatusAsync($"/internal/robot/{_robot.Handle}"));
        Assert.Equal(HttpStatusCode.NotFound, await _other.StatusAsync($"/internal/robot/{_robot.RobotId}"));
        Assert.Equal(HttpStatusCode.NotFound, await _other.StatusAsync($"/images/thumbnails/{_robot.Handle}.jpg"));
        Assert.DoesNotContain(_robot.Handle, (await _other.JsonAsync("/internal")).GetRawText(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await _app.StatusAsync($"/internal/robot/{_robot.Handle}"));
    }

    [Fact]
    public async Task A_thumbnail_is_a_JPEG()
    {
        using var answer = await _app.SendAsync(HttpMethod.Get, $"/images/thumbnails/{_robot.Handle}.jpg");

        Assert.Equal("image/jpeg", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Somebody_follows_a_robot_and_is_listed_until_they_do_not()
    {
        var told = new List<SubscriptionChanged>();
        using var subscription = _host.Get<IBus>().Subscribe<SubscriptionChanged>(changed =>
        {
            if (changed.Handle == _robot.Handle)
            {
                told.Add(changed);
            }
        });

        using var subscribed = await _app.PostFormAsync("/api/v1/accounts/subscribe", ("robot_id", _robot.Handle));
        using var again = await _app.PostFormAsync("/api/v1/accounts/subscribe", ("robot_id", _robot.Handle));
        Assert.Equal(_robot.Handle, (await JsonAsync(subscribed)).GetProperty("robot_id").GetString());
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(_name, (await _other.JsonAsync($"/internal/robot/{_robot.Handle}")).GetProperty("robot").GetProperty("subscribers")[0].GetString());
        Assert.Equal("Rover", (await _app.JsonAsync("/api/v1/accounts")).GetProperty("subscriptions")[0].GetProperty("robot_name").GetString());
        AssertSummary((await _app.JsonAsync("/api/v1/accounts")).GetProperty("robots")[0]);

        using var unsubscribed = await _app.PostFormAsync("/api/v1/accounts/unsubscribe", ("robot_id", _robot.Handle));

        Assert.Equal(HttpStatusCode.OK, unsubscribed.StatusCode);
        Assert.Equal(0, (await _app.JsonAsync("/api/v1/accounts")).GetProperty("subscriptions").GetArrayLength());
        Assert.Equal([new SubscriptionChanged(_robot.Handle, _name, true), new SubscriptionChanged(_robot.Handle, _name, false)], told);
    }

    [Fact]
    public async Task Nobody_follows_a_robot_that_is_private_or_follows_without_end()
    {
        var hidden = await _host.Robots.AddAsync("Hidden", _name, Visibility.Private);
        using var refused = await _other.PostFormAsync("/api/v1/accounts/subscribe", ("robot_id", hidden.Handle));
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);

        var answers = new List<HttpStatusCode>();
        for (var number = 0; number < 30 && !answers.Contains(HttpStatusCode.TooManyRequests); number++)
        {
            using var answer = await _other.PostFormAsync($"/api/v1/accounts/{(number % 2 == 0 ? "" : "un")}subscribe", ("robot_id", _robot.Handle));
            answers.Add(answer.StatusCode);
        }

        Assert.InRange(answers.IndexOf(HttpStatusCode.TooManyRequests), 10, 29);
        using var nobody = new Browser(_host);
        using var anonymous = await nobody.PostFormAsync("/api/v1/accounts/subscribe", ("robot_id", _robot.Handle));
        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
    }

    [Fact]
    public async Task An_old_programs_address_of_a_page_leads_to_the_page()
    {
        using var answer = await _app.SendAsync(HttpMethod.Get, $"/robocaster/{_name}/robot/rover%3F");

        // The client has followed it: without the site's files there is no page here.
        Assert.Equal("/robot/rover%3F", answer.RequestMessage!.RequestUri!.AbsolutePath);
    }

    private static void AssertSummary(JsonElement robot, string status = "offline")
    {
        foreach (var name in new[] { "name", "robot_name", "id", "robot_id", "owner" })
        {
            Assert.Equal(JsonValueKind.String, robot.GetProperty(name).ValueKind);
        }

        foreach (var name in new[] { "public", "mute", "strong_filtering", "allow_anonymous_control", "dev_mode", "non_global_chat" })
        {
            Assert.Contains(robot.GetProperty(name).ValueKind, (JsonValueKind[])[JsonValueKind.True, JsonValueKind.False]);
        }

        Assert.Equal(status, robot.GetProperty("status").GetString());
        Assert.EndsWith(".jpg", robot.GetProperty("avatar").GetProperty("large").GetString(), StringComparison.Ordinal);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) => JsonElement.Parse(await answer.Content.ReadAsStringAsync());
}
