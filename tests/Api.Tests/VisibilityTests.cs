using System.Net;

using LiveRobot.Platform.Robots;

namespace LiveRobot.Api.Tests;

/// <summary>What the API tells of robots that are not public, and to whom.</summary>
public sealed class VisibilityTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private static readonly string[] ByHandle = ["/api/v1/robots/", "/get_control_host_port/", "/get_chat_host_port/", "/get_robot_owner/"];

    [Theory]
    [InlineData(Visibility.Unlisted)]
    [InlineData(Visibility.Private)]
    public async Task No_list_and_no_number_leads_to_it_and_its_name_does_not_tell_its_handle(Visibility visibility)
    {
        var robot = await api.Host.Robots.AddAsync("Hidden", "alice", visibility);

        Assert.Matches("^hidden-[a-z2-9]{10}$", robot.Handle);
        Assert.DoesNotContain(robot.Handle, (await api.GetAsync("/api/v1/robots")).GetRawText(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"/get_robot_id/{robot.Cameras[0].CameraId}"));
    }

    [Theory]
    [InlineData(Visibility.Unlisted)]
    [InlineData(Visibility.Private)]
    public async Task The_robot_itself_finds_all_it_needs(Visibility visibility)
    {
        var robot = await api.Host.Robots.AddAsync("Hidden", "alice", visibility);
        var camera = robot.Cameras[0].CameraId;

        foreach (var path in ByHandle.Select(path => path + robot.RobotId)
            .Concat([$"/get_video_port/{camera}", $"/get_audio_port/{camera}", $"/get_websocket_relay_host/{camera}"]))
        {
            var answer = (await api.GetAsync(path)).GetRawText();
            Assert.True(path.StartsWith("/api/v1/", StringComparison.Ordinal) || !answer.Contains("hidden", StringComparison.Ordinal), path);
        }
    }

    [Fact]
    public async Task An_unlisted_robot_is_found_by_who_knows_its_handle()
    {
        var robot = await api.Host.Robots.AddAsync("Hidden", "alice", Visibility.Unlisted);

        foreach (var path in ByHandle)
        {
            await api.GetAsync(path + robot.Handle);
        }
    }

    [Fact]
    public async Task A_private_robot_is_not_there_by_its_handle_without_a_token_of_its_own()
    {
        var robot = await api.Host.Robots.AddAsync("Hidden", "alice", Visibility.Private);
        var tokens = api.Host.Get<ViewingTokens>();
        var others = await tokens.IssueAsync("rover", TimeSpan.FromMinutes(1));
        var token = await tokens.IssueAsync(robot.Handle, TimeSpan.FromMinutes(1));

        foreach (var path in ByHandle)
        {
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(path + robot.Handle));
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"{path}{robot.Handle}?token={others}"));
            await api.GetAsync($"{path}{robot.Handle}?token={token}");
        }
    }

    private async Task<HttpStatusCode> StatusAsync(string path)
    {
        using var response = await api.Client.GetAsync(new Uri(path, UriKind.Relative));
        return response.StatusCode;
    }
}
