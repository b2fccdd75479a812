using System.Net;
using System.Text.Json;

using LiveRobot.Platform.Hosting;

using Microsoft.Extensions.Options;

namespace LiveRobot.Api.Tests;

/// <summary>A wrong type or a missing key here kills existing robots at start; the dossier says which.</summary>
public sealed class LookUpTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private PortOptions Ports => api.Host.Get<IOptions<PortOptions>>().Value;

    [Theory]
    [InlineData("?version=2")]
    [InlineData("")]
    public async Task The_control_socket_has_a_host_and_a_port_that_is_a_number(string query)
    {
        var answer = await api.GetAsync($"/get_control_host_port/{api.Robot.RobotId}{query}");

        Assert.Equal("127.0.0.1", answer.GetProperty("host").GetString());
        Assert.Equal(Ports.Control, answer.GetProperty("port").GetInt32());
    }

    [Fact]
    public async Task The_chat_socket_has_a_host_and_a_port_that_is_a_number()
    {
        var answer = await api.GetAsync($"/get_chat_host_port/{api.Robot.RobotId}");

        Assert.Equal("127.0.0.1", answer.GetProperty("host").GetString());
        Assert.Equal(Ports.Chat, answer.GetProperty("port").GetInt32());
    }

    [Fact]
    public async Task The_status_socket_is_found_like_the_others_by_clients_that_do_not_have_its_port_built_in()
    {
        var answer = await api.GetAsync($"/get_status_host_port/{api.Robot.RobotId}");

        Assert.Equal("127.0.0.1", answer.GetProperty("host").GetString());
        Assert.Equal(Ports.Status, answer.GetProperty("port").GetInt32());
    }

    [Fact]
    public async Task The_video_port_has_the_key_of_the_document_and_the_key_of_real_clients()
    {
        var answer = await api.GetAsync($"/get_video_port/{api.CameraId}");

        Assert.Equal(Ports.Video, answer.GetProperty("port").GetInt32());
        Assert.Equal(Ports.Video, answer.GetProperty("mpeg_stream_port").GetInt32());
    }

    [Fact]
    public async Task The_audio_port_has_the_key_of_the_document_and_the_key_of_real_clients()
    {
        var answer = await api.GetAsync($"/get_audio_port/{api.CameraId}");

        Assert.Equal(Ports.Audio, answer.GetProperty("port").GetInt32());
        Assert.Equal(Ports.Audio, answer.GetProperty("audio_stream_port").GetInt32());
    }

    [Fact]
    public async Task The_relay_is_a_bare_host()
    {
        var answer = await api.GetAsync($"/get_websocket_relay_host/{api.CameraId}");

        Assert.Equal("127.0.0.1", answer.GetProperty("host").GetString());
    }

    [Fact]
    public async Task The_advertised_host_is_the_one_the_caller_used()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/get_control_host_port/{api.Robot.RobotId}");
        request.Headers.Host = $"letsrobot.tv:{api.Host.Port}";

        using var response = await api.Client.SendAsync(request);

        var answer = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal("letsrobot.tv", answer.GetProperty("host").GetString());
    }

    [Fact]
    public async Task The_owner_is_named()
    {
        var answer = await api.GetAsync($"/get_robot_owner/{api.Robot.RobotId}");

        Assert.Equal("alice", answer.GetProperty("owner").GetString());
    }

    [Fact]
    public async Task A_camera_names_its_robot_without_giving_its_secret_away()
    {
        var answer = await api.GetAsync($"/get_robot_id/{api.CameraId}");

        Assert.Equal(api.Robot.Handle, answer.GetProperty("robot_id").GetString());
    }

    [Theory]
    [InlineData("/get_control_host_port/12345678")]
    [InlineData("/get_chat_host_port/12345678")]
    [InlineData("/get_robot_owner/12345678")]
    [InlineData("/api/v1/robots/12345678")]
    [InlineData("/get_video_port/999999")]
    [InlineData("/get_audio_port/999999")]
    [InlineData("/get_websocket_relay_host/999999")]
    [InlineData("/get_robot_id/999999")]
    [InlineData("/get_video_port/not-a-number")]
    [InlineData("/api/v1/accounts/nobody")]
    [InlineData("/api/v1/nothing")]
    public async Task What_is_unknown_is_answered_404_with_problem_details(string path)
    {
        using var response = await api.Client.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(404, JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("status").GetInt32());
    }
}
