using System.Text.Json;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

namespace LiveRobot.StatusSocket.Tests;

/// <summary>What a robot says of itself, and who hears of it.</summary>
public sealed class RobotReportsTests : IAsyncLifetime
{
    private ServiceHost _host = null!;
    private Robot _robot = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await ServiceHost.StartAsync(builder => builder.AddStatusSocket(), endpoints => endpoints.MapStatusSocket());
        _robot = await _host.Robots.AddAsync("Rover", "alice");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData(3, "true", "false")]
    [InlineData(4, "1", "0")]
    public async Task Whether_it_charges_is_told_to_viewers_and_kept(int engineIOVersion, string charging, string notCharging)
    {
        await using var watcher = await SocketIOPeer.ConnectAsync(_host.Address);
        await using var robot = await RobotAsync(engineIOVersion);

        await robot.EmitAsync("charge_state", new { robot_id = _robot.RobotId, charging = JsonElement.Parse(charging) });
        Assert.Equal("rover", (await watcher.WaitForAsync("charge_state", told => told.GetProperty("charging").GetBoolean())).GetProperty("robot_id").GetString());
        await watcher.WaitForAsync("robot_statuses", statuses => statuses.GetProperty("robot_statuses").EnumerateArray().Any(status => status.GetProperty("charging").ValueKind == JsonValueKind.True));
        await robot.EmitAsync("charge_state", new { robot_id = _robot.RobotId, charging = JsonElement.Parse(notCharging) });

        await watcher.WaitForAsync("charge_state", told => !told.GetProperty("charging").GetBoolean());
        Assert.False((await _host.Robots.FindByHandleAsync("rover"))!.Charge!.IsCharging);
    }

    [Fact]
    public async Task Of_a_robot_that_is_not_public_only_those_are_told_who_have_chosen_it()
    {
        await _host.Robots.SetVisibilityAsync("rover", Visibility.Unlisted);
        await using var stranger = await SocketIOPeer.ConnectAsync(_host.Address);
        await using var friend = await SocketIOPeer.ConnectAsync(_host.Address);
        await friend.AskAsync("select_robot", new { robot_id = "rover" });
        await using var robot = await RobotAsync();

        await robot.EmitAsync("charge_state", new { charging = true });

        await friend.WaitForAsync("charge_state");
        Assert.DoesNotContain(stranger.Received, received => received.Name == "charge_state");
    }

    [Theory]
    [InlineData("{\"ip\":\"192.0.2.7 2001:db8::7 nonsense \\n\"}")]
    [InlineData("\"192.0.2.7 2001:db8::7\"")]
    public async Task Its_addresses_are_kept_for_its_owner_and_reach_nobody_else(string said)
    {
        await using var watcher = await SocketIOPeer.ConnectAsync(_host.Address);
        await using var robot = await RobotAsync();

        Assert.True((await robot.AskAsync("ip_information", JsonElement.Parse(said))).GetProperty("ok").GetBoolean());
        await robot.EmitAsync("charge_state", new { charging = true });
        await watcher.WaitForAsync("charge_state");

        Assert.Equal(["192.0.2.7", "2001:db8::7"], (await _host.Presence.GetAddressesAsync("rover"))!.Addresses);
        Assert.DoesNotContain([.. watcher.Received, .. robot.Received], received => received.Argument.GetRawText().Contains("192.0.2.7", StringComparison.Ordinal));
        Assert.DoesNotContain(_host.Log.Lines, line => line.Contains("192.0.2.7", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Only_sixteen_addresses_are_kept_and_a_longer_text_is_not_read()
    {
        await using var robot = await RobotAsync();

        await robot.AskAsync("ip_information", new { ip = string.Join(' ', Enumerable.Range(1, 17).Select(number => $"192.0.2.{number}")) });
        var refused = await robot.AskAsync("ip_information", new { ip = new string(' ', 1_001) });

        Assert.Equal(RobotReports.MaxAddresses, (await _host.Presence.GetAddressesAsync("rover"))!.Addresses.Count);
        Assert.Equal("bad_request", refused.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Reverse_SSH_is_offered_only_to_a_robot_that_has_said_that_it_accepts_it()
    {
        await using var robot = await RobotAsync();
        Open(true);
        await DeclareAsync(robot, accepts: true);
        await AcceptsAsync(true);

        Open(true);
        await robot.WaitForAsync("reverse_ssh_8872381747239");
        Open(false);
        await robot.WaitForAsync("end_reverse_ssh_8872381747239");
        await robot.AskAsync("reverse_ssh_info", "return code: 0" + new string('!', RobotReports.MaxInfoLength));
        await DeclareAsync(robot, accepts: false);
        Open(true);
        await _host.Get<RobotDirectory>().ChangeAsync("rover", rover => rover with { XRes = 320 });
        await robot.WaitForAsync("robot_settings_changed");

        Assert.Single(robot.Received, received => received.Name == "reverse_ssh_8872381747239");
        Assert.Equal(RobotReports.MaxInfoLength, (await _host.Presence.GetReverseSshInfoAsync("rover"))!.Text.Length);
        await AcceptsAsync(false);
    }

    [Fact]
    public async Task A_robot_that_has_gone_accepts_nothing_any_more()
    {
        await using (var robot = await RobotAsync())
        {
            await DeclareAsync(robot, accepts: true);
            await AcceptsAsync(true);
        }

        await AcceptsAsync(false);
    }

    [Theory]
    [InlineData("charge_state", "{\"charging\":true}")]
    [InlineData("ip_information", "{\"ip\":\"192.0.2.7\"}")]
    [InlineData("robot_capabilities", "{\"reverse_ssh\":true}")]
    [InlineData("reverse_ssh_info", "\"starting\"")]
    public async Task Nobody_says_it_for_a_robot_without_being_it(string name, string argument)
    {
        await using var stranger = await SocketIOPeer.ConnectAsync(_host.Address);
        await stranger.AskAsync("select_robot", new { robot_id = "rover" });

        var answer = await stranger.AskAsync(name, JsonElement.Parse(argument));

        Assert.Equal("not_identified", answer.GetProperty("code").GetString());
        Assert.Null((await _host.Robots.FindByHandleAsync("rover"))!.Charge);
        Assert.Null(await _host.Presence.GetAddressesAsync("rover"));
        Assert.False(await _host.Presence.AcceptsReverseSshAsync("rover"));
    }

    [Theory]
    [InlineData("charge_state", "true")]
    [InlineData("charge_state", "{\"charging\":2}")]
    [InlineData("charge_state", "{\"charging\":\"yes\"}")]
    [InlineData("ip_information", "{\"ip\":7}")]
    [InlineData("robot_capabilities", "7")]
    [InlineData("reverse_ssh_info", "{}")]
    public async Task What_cannot_be_read_is_refused(string name, string argument)
    {
        await using var robot = await RobotAsync();

        Assert.Equal("bad_request", (await robot.AskAsync(name, JsonElement.Parse(argument))).GetProperty("code").GetString());
    }

    private void Open(bool isOn) => _host.Get<IBus>().Publish(new ReverseSshSwitched("rover", isOn));

    private static async Task DeclareAsync(SocketIOPeer robot, bool accepts) =>
        Assert.True((await robot.AskAsync("robot_capabilities", new { reverse_ssh = accepts })).GetProperty("ok").GetBoolean());

    private Task AcceptsAsync(bool accepts) =>
        Eventually.TrueAsync(async () => await _host.Presence.AcceptsReverseSshAsync("rover") == accepts, text: $"accepts: {accepts}");

    private async Task<SocketIOPeer> RobotAsync(int engineIOVersion = 4)
    {
        var robot = await SocketIOPeer.ConnectAsync(_host.Address, engineIOVersion: engineIOVersion);
        Assert.True((await robot.AskAsync("identify_robot_id", _robot.RobotId)).GetProperty("ok").GetBoolean());
        return robot;
    }
}
