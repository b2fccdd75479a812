using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Moderation;
using LiveRobot.Platform.Robots;
using LiveRobot.Testing;

using Microsoft.Extensions.DependencyInjection;

namespace LiveRobot.ChatSocket.Tests;

/// <summary>The chat of Olga's robot, which Mona moderates, on a clock that stands still. People come from addresses of their own.</summary>
internal sealed class ModeratedRobot : IAsyncDisposable
{
    private ModeratedRobot(ServiceHost host, Robot robot, ManualClock clock) => (Host, Robot, Clock) = (host, robot, clock);

    public ServiceHost Host { get; }

    public Robot Robot { get; }

    public ManualClock Clock { get; }

    /// <param name="setting">A setting of the service, by its key.</param>
    /// <param name="timers">What the service takes for the clock instead.</param>
    public static async Task<ModeratedRobot> StartAsync((string Key, string Value) setting, Func<ManualClock, TimeProvider>? timers = null)
    {
        var clock = new ManualClock();
        var host = await ServiceHost.StartAsync(
            builder =>
            {
                builder.Services.AddSingleton(timers?.Invoke(clock) ?? clock);
                builder.AddChatSocket();
            },
            endpoints => endpoints.MapChatSocket(),
            new Dictionary<string, string?> { ["Proxies:Trusted:0"] = "127.0.0.1", [setting.Key] = setting.Value });
        var robot = await host.Robots.AddAsync("Rover", "olga");
        await host.SignInAsync("Mona");
        await host.Get<Moderators>().AddAsync(robot, (await host.Get<AccountDirectory>().FindAsync("Mona"))!, "olga");
        return new ModeratedRobot(host, robot, clock);
    }

    /// <summary>Changes the rules of the chat.</summary>
    public Task<ChatRules?> RuleAsync(Func<ChatRules, ChatRules> change) => Host.Get<ChatRulesStore>().ChangeAsync("rover", change, "olga", "");

    /// <summary>Somebody who has chosen the robot.</summary>
    public async Task<SocketIOPeer> ViewerAsync(string address, string? cookie = null, string? userAgent = null)
    {
        var viewer = await SocketIOPeer.ConnectAsync(Host.Address, cookie: cookie, forwardedFor: address, userAgent: userAgent);
        Assert.True((await viewer.AskAsync("select_robot", new { robot_id = "rover" })).GetProperty("ok").GetBoolean());
        return viewer;
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
