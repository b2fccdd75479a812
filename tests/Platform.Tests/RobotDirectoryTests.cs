using System.Text.RegularExpressions;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Tests;

public abstract partial class RobotDirectoryTests(StoreKind store) : IAsyncDisposable
{
    private readonly TestPlatform _platform = new(store);

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Fact]
    public async Task A_new_robot_has_a_secret_id_of_20_digits_and_a_handle_that_begins_with_a_letter()
    {
        var robot = await _platform.Robots.AddAsync("Rover", "alice");

        Assert.Matches(TwentyDigits(), robot.RobotId);
        Assert.Equal("rover", robot.Handle);
        Assert.Equal("alice", robot.Owner);
        Assert.Single(robot.Cameras);
    }

    [Fact]
    public async Task Two_robots_of_one_name_differ_in_every_other_name()
    {
        var first = await _platform.Robots.AddAsync("Rover", "alice");
        var second = await _platform.Robots.AddAsync("Rover", "bob");

        Assert.Equal("rover-2", second.Handle);
        Assert.NotEqual(first.RobotId, second.RobotId);
        Assert.NotEqual(first.Cameras[0].CameraId, second.Cameras[0].CameraId);
        Assert.NotEqual(await StreamKeyAsync(first), await StreamKeyAsync(second));
    }

    [Fact]
    public async Task A_robot_is_found_by_each_of_its_names_and_its_camera_by_number_and_key()
    {
        var robot = await _platform.Robots.AddAsync("Rover", "alice");
        var camera = robot.Cameras[0];

        Assert.Equal(robot.Handle, (await _platform.Robots.FindByRobotIdAsync(robot.RobotId))?.Handle);
        Assert.Equal(robot.RobotId, (await _platform.Robots.FindByHandleAsync(robot.Handle))?.RobotId);
        Assert.Equal(camera, await _platform.Robots.FindCameraAsync(camera.CameraId));
        Assert.Equal(camera, await _platform.Robots.FindCameraByStreamKeyAsync(await StreamKeyAsync(robot)));
    }

    [Fact]
    public async Task No_name_of_a_robot_serves_in_place_of_another()
    {
        var robot = await _platform.Robots.AddAsync("Rover", "alice");

        Assert.Null(await _platform.Robots.FindByRobotIdAsync(robot.Handle));
        Assert.Null(await _platform.Robots.FindByHandleAsync(robot.RobotId));
        Assert.Null(await _platform.Robots.FindCameraByStreamKeyAsync(robot.RobotId));
        Assert.Null(await _platform.Robots.FindCameraAsync(int.MaxValue));
    }

    [Fact]
    public async Task A_robot_added_by_another_process_is_found()
    {
        Assert.Empty(await _platform.Robots.ListAsync());
        using var database = _platform.Store.Open();
        var elsewhere = new RobotDirectory(database, new Changes(TimeProvider.System), Options.Create(new ClusterOptions()), TimeProvider.System);

        var robot = await elsewhere.AddAsync("Rover", "alice");

        Assert.Equal(robot.Handle, Assert.Single(await _platform.Robots.ListAsync()).Handle);
    }

    [Fact]
    public async Task A_renamed_robot_keeps_its_handle_so_that_links_to_it_hold()
    {
        await _platform.Robots.AddAsync("Test", "alice");

        await _platform.Robots.ChangeAsync("test", robot => robot with { Name = "Rover" });

        Assert.Equal("Rover", (await _platform.Robots.FindByHandleAsync("test"))?.Name);
        Assert.Equal("test-2", (await _platform.Robots.AddAsync("Test", "alice")).Handle);
    }

    [Fact]
    public async Task The_handle_of_a_deleted_robot_is_not_given_again_and_its_viewing_tokens_open_nothing()
    {
        await _platform.Robots.AddAsync("Rover", "alice");
        var token = await _platform.Get<ViewingTokens>().IssueAsync("rover", TimeSpan.FromDays(1));
        await _platform.Robots.DeleteAsync("rover");

        var next = await _platform.Robots.AddAsync("Rover", "mallory");

        Assert.Equal("rover-2", next.Handle);
        Assert.False(await _platform.Get<ViewingTokens>().IsValidAsync(next.Handle, token));
    }

    [Theory]
    [InlineData("Rover", "rover")]
    [InlineData("  My *Second*  Rover! ", "my-second-rover")]
    [InlineData("Zoë's Bot", "zos-bot")]
    [InlineData("4711", "robot-4711")]
    [InlineData("ロボット", "robot")]
    [InlineData("-", "robot")]
    public void A_handle_keeps_what_an_address_can_carry(string name, string handle)
    {
        Assert.Equal(handle, RobotNames.HandleFor(name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("a]b")]
    [InlineData("a\nb")]
    public async Task A_name_that_would_break_existing_robots_is_refused(string name)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => _platform.Robots.AddAsync(name, "alice"));
    }

    [Fact]
    public async Task A_name_may_be_50_characters_long_and_no_longer()
    {
        await _platform.Robots.AddAsync(new string('a', 50), "alice");

        await Assert.ThrowsAsync<ArgumentException>(() => _platform.Robots.AddAsync(new string('a', 51), "alice"));
    }

    [Theory]
    [InlineData("al")]
    [InlineData("sixteen-letters-")]
    [InlineData("al ice")]
    [InlineData("anonymous7")]
    public async Task An_owner_name_that_existing_apps_refuse_is_refused(string owner)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => _platform.Robots.AddAsync("Rover", owner));
    }

    private Task<string> StreamKeyAsync(Robot robot) => _platform.Robots.StreamKeyAsync(robot.Cameras[0].CameraId);

    [GeneratedRegex("^[0-9]{20}$")]
    private static partial Regex TwentyDigits();
}

public sealed class RobotDirectoryOnSqliteTests() : RobotDirectoryTests(StoreKind.Sqlite);

public sealed class RobotDirectoryOnPostgresTests() : RobotDirectoryTests(StoreKind.Postgres);
