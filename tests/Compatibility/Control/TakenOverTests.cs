using global::SocketIO;

using LiveRobot.Compatibility.SocketIO;
using LiveRobot.ControlSocket;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

using Microsoft.Extensions.DependencyInjection;

namespace LiveRobot.Compatibility.Control;

/// <summary>Two live clients that are one robot: the newest wins, and they do not throw each other out for ever.</summary>
public sealed class TakenOverTests : IAsyncLifetime
{
    private ServiceHost _host = null!;
    private Robot _robot = null!;

    private IReadOnlyCollection<Socket> Sockets => _host.Get<IServiceProvider>().GetRequiredKeyedService<SocketIOServer>("Control").Root.Sockets;

    public async ValueTask InitializeAsync()
    {
        _host = await ServiceHost.StartAsync(
            builder => builder.AddControlSocket(),
            endpoints => endpoints.MapControlSocket(),
            new Dictionary<string, string?> { ["Control:StartGuard"] = "00:00:00", ["Control:MaxCommandAge"] = "00:00:30" });
        _robot = await _host.Robots.AddAsync("Rover", "olga");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    /// <summary>These try again after 100 to 200 ms when a connection is lost.</summary>
    [Theory]
    [InlineData("node 1")]
    [InlineData("node 2")]
    [InlineData("node 4")]
    [InlineData("python 5")]
    public async Task The_older_is_told_and_does_not_come_back_by_itself(string library)
    {
        await using var older = KnownClients.Start(library, "websocket", _host.Address.ToString());
        await older.SeeAsync("connect");
        await older.AskAsync("robot_id", _robot.RobotId);
        await older.SeeAsync("ack");
        await using var newer = KnownClients.Start(library, "websocket", _host.Address.ToString());
        await newer.SeeAsync("connect");
        await newer.AskAsync("robot_id", _robot.RobotId);
        await newer.SeeAsync("ack");

        await older.SeeAsync("disconnect");
        await Eventually.TrueAsync(() => Sockets.Count == 1);
        var left = Assert.Single(Sockets);
        await Task.Delay(TimeSpan.FromSeconds(1.5));

        Assert.Same(left, Assert.Single(Sockets));
        Assert.True((await _host.Presence.GetAsync(_robot)).Online);
    }

    /// <summary>
    /// The LetsRobot era's library leaves sessions behind that are not always the older ones; so none is closed. The one
    /// that said last who it is hears the commands, alone.
    /// </summary>
    [Fact]
    public async Task Of_two_robots_of_the_LetsRobot_era_the_one_that_identified_last_obeys_and_neither_is_thrown_out()
    {
        await using var older = PulseRobot.Start(_host.Address, _robot.RobotId, identifySeconds: 3);
        await older.SaysAsync("identified");
        await Eventually.TrueAsync(async () => (await _host.Presence.GetAsync(_robot)).Online);
        await using var newer = PulseRobot.Start(_host.Address, _robot.RobotId, identifySeconds: 3600);
        await newer.SaysAsync("identified");
        await using var viewer = await KeyHolder.PressAsync(_host.Address, _robot, "F");

        // The older says again who it is, and is the robot again; the newer hears no more.
        var sockets = Sockets.Where(socket => socket.Handshake.EngineIOVersion == 3).ToHashSet();
        Assert.Equal(2, sockets.Count);
        await Eventually.TrueAsync(async () =>
        {
            await using var again = await KeyHolder.PressAsync(_host.Address, _robot, "L");
            await Task.Delay(TimeSpan.FromMilliseconds(300));
            return older.Count("moves L") > 0;
        });

        // The newer may still be working off what it was told before.
        var heard = 0;
        await Eventually.TrueAsync(async () =>
        {
            var before = newer.Lines.Count;
            await Task.Delay(TimeSpan.FromSeconds(1));
            return (heard = newer.Lines.Count) == before;
        });
        var moves = older.Lines.Count;
        await Eventually.TrueAsync(async () =>
        {
            await using var again = await KeyHolder.PressAsync(_host.Address, _robot, "R");
            await Task.Delay(TimeSpan.FromMilliseconds(300));
            return older.Lines.Count > moves + 2;
        });

        Assert.Equal(heard, newer.Lines.Count);
        Assert.Subset(Sockets.ToHashSet(), sockets);
    }
}
