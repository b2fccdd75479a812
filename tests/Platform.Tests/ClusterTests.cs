using System.Net;

using LiveRobot.Platform.Cluster;
using LiveRobot.Testing;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Tests;

/// <summary>A node as processes run it: its options, its part in the cluster, and what a front asks.</summary>
public sealed class ClusterTests
{
    private static readonly Dictionary<string, string?> TwoSlots = new()
    {
        ["Cluster:Slots:0:Control"] = "robots.example.org:8021",
        ["Cluster:Slots:1:Control"] = "robots.example.org:8121",
    };

    [Fact]
    public void Defaults()
    {
        var options = new ClusterOptions();

        Assert.Equal((TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10)), (options.LeaseTime, options.HandOverTime, options.DrainTime));
        Assert.Equal(TimeSpan.FromMinutes(5), options.BalanceTime);
        Assert.Empty(options.Slots);
        Assert.Null(options.Node);
        Assert.Null(options.Address);
    }

    [Theory]
    [InlineData("Cluster:Node", "a b", "Node")]
    [InlineData("Cluster:Address", "8021", "Cluster:Address")]
    [InlineData("Cluster:LeaseTime", "00:00:00.299", "LeaseTime")]
    [InlineData("Cluster:LeaseTime", "00:01:00.001", "LeaseTime")]
    [InlineData("Cluster:BalanceTime", "00:00:00.999", "BalanceTime")]
    [InlineData("Cluster:DrainTime", "00:00:00.999", "DrainTime")]
    [InlineData("Cluster:HandOverTime", "00:00:10", "HandOverTime")]
    [InlineData("Cluster:Slots:1:Control", "robots.example.org:8021", "no slot 0")]
    [InlineData("Cluster:Slots:0:Control", "robots.example.org", "Cluster:Slots:0:Control")]
    [InlineData("Cluster:Slots:0:Chat", "robots.example.org:65536", "Cluster:Slots:0:Chat")]
    [InlineData("Cluster:Slots:0:Audio", "robots.example.org:8083", "another host than Video")]
    [InlineData("Cluster:Slots:-1:Chat", "robots.example.org:8023", "Cluster:Slots:-1")]
    public async Task A_wrong_setting_ends_the_start_with_its_name(string name, string value, string told)
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(new() { [name] = value }));

        Assert.Contains(told, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Robots_are_made_in_the_emptiest_slot_and_stay_there()
    {
        await using var platform = new TestPlatform(add: builder => builder.Services.AddSingleton(Options.Create(Slots(3))));
        List<int> slots = [];
        for (var number = 0; number < 4; number++)
        {
            slots.Add((await platform.Robots.AddAsync($"Robot {number}", "alice")).Slot);
        }

        Assert.Equal([0, 1, 2, 0], slots);
        await platform.Robots.DeleteAsync("robot-1");
        var robot = await platform.Robots.AddAsync("Robot 4", "alice");
        Assert.Equal(1, robot.Slot);
        Assert.Equal(1, robot.Cameras[0].Slot);
        Assert.Equal(1, (await platform.Robots.FindCameraAsync(robot.Cameras[0].CameraId))!.Slot);
        Assert.Equal(1, (await platform.Robots.ChangeAsync(robot.Handle, stored => stored with { Name = "Other" }))!.Slot);
    }

    [Fact]
    public async Task A_process_does_not_start_without_a_slot_that_robots_are_in()
    {
        using var folder = new TemporaryFolder();
        var settings = new Dictionary<string, string?>(TwoSlots) { ["Storage:Directory"] = folder.Path };
        await using (var host = await StartAsync(settings))
        {
            await host.Robots.AddAsync("Rover", "alice");
            await host.Robots.AddAsync("Other", "alice");
        }

        settings.Remove("Cluster:Slots:1:Control");
        var refused = await Assert.ThrowsAsync<Storage.StoreException>(() => StartAsync(settings));
        Assert.Equal("Robots are in slot 1, which Cluster:Slots does not have.", refused.Message);
    }

    [Fact]
    public async Task A_front_is_told_which_slots_a_process_has()
    {
        await using var host = await StartAsync(TwoSlots);

        await Eventually.TrueAsync(async () => await StatusAsync(host, "readyz/slots/0") == HttpStatusCode.OK);
        await Eventually.TrueAsync(async () => await StatusAsync(host, "readyz/slots/1") == HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(host, "readyz/slots/2"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, "readyz"));
    }

    [Fact]
    public async Task Without_slots_there_is_slot_0_and_a_process_that_serves_no_robots_has_none()
    {
        await using var control = await StartAsync([]);
        await using var api = await ServiceHost.StartAsync(builder => builder.Services.AddNodeService("api", ports => ports.Api), _ => { });

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(control, "readyz/slots/0"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(control, "readyz/slots/1"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(api, "readyz/slots/0"));
    }

    [Fact]
    public async Task A_node_that_ends_says_so_and_hands_its_slots_to_the_next_before_anything_closes()
    {
        await using var redis = await RedisServer.StartAsync();

        // It has been in use for long.
        await redis.AskAsync("SET", "liverobot:cluster", "1");
        var settings = new Dictionary<string, string?>(TwoSlots)
        {
            ["Redis:Configuration"] = redis.Configuration,
            ["Cluster:LeaseTime"] = "00:00:30",
            ["Cluster:HandOverTime"] = "00:00:00",
        };
        var closing = new Closing();
        var ending = await StartAsync(new(settings) { ["Cluster:Node"] = "ending" }, closing);
        await HaveAsync(redis, "ending");
        await using var next = await StartAsync(new(settings) { ["Cluster:Node"] = "next" });
        await Eventually.TrueAsync(async () => (await redis.AskAsync("SMEMBERS", "liverobot:nodes")).Contains("next", StringComparison.Ordinal));

        var ended = ending.DisposeAsync().AsTask();
        await closing.Begun.Task;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(ending, "readyz"));
        using var client = new HttpClient();
        using var reasons = await client.GetAsync(new Uri(ending.Address, "readyz"));
        Assert.Equal("{\"ready\":false,\"reasons\":{\"node\":\"This process ends.\"}}", await reasons.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(ending, "readyz/node"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(ending, "readyz/store"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(ending, "readyz/slots/0"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(ending, "healthz"));
        await HaveAsync(redis, "next");
        await Eventually.TrueAsync(async () => await StatusAsync(next, "readyz/slots/1") == HttpStatusCode.OK);
        closing.Go.SetResult();
        await ended;
        Assert.Equal("next", await redis.AskAsync("SMEMBERS", "liverobot:nodes"));
    }

    private static Task HaveAsync(RedisServer redis, string node) => Eventually.TrueAsync(
        async () => await redis.AskAsync("MGET", "liverobot:slot:control:0", "liverobot:slot:control:1") == $"{node}\n{node}");

    private static ClusterOptions Slots(int count)
    {
        var options = new ClusterOptions();
        for (var number = 0; number < count; number++)
        {
            options.Slots[number] = new SlotAddresses();
        }

        return options;
    }

    private static Task<ServiceHost> StartAsync(Dictionary<string, string?> settings, Closing? closing = null) => ServiceHost.StartAsync(
        builder =>
        {
            builder.Services.AddSlotService(Slot.Control, ports => ports.Control, _ => default);
            if (closing is not null)
            {
                builder.Services.AddSingleton<IHostedService>(closing);
            }
        },
        _ => { },
        settings);

    private static async Task<HttpStatusCode> StatusAsync(ServiceHost host, string path)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(host.Address, path));
        return answer.StatusCode;
    }

    /// <summary>A service that takes its time to close.</summary>
    private sealed class Closing : IHostedLifecycleService
    {
        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task StoppingAsync(CancellationToken cancellationToken)
        {
            Begun.SetResult();
            return Go.Task;
        }

        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
