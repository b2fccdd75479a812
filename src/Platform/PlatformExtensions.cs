using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Chat;
using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Control;
using LiveRobot.Platform.Hosting;
using LiveRobot.Platform.Identity;
using LiveRobot.Platform.Moderation;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Redis;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Sockets;
using LiveRobot.Platform.Storage;
using LiveRobot.Platform.Telemetry;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using SocketIO.Adapters;
using SocketIO.Redis;

namespace LiveRobot.Platform;

/// <summary>Registers what every service shares.</summary>
public static class PlatformExtensions
{
    /// <summary>Adds robots, storage, presence and the bus: embedded (SQLite, one process), or shared by processes on one Redis.</summary>
    public static WebApplicationBuilder AddPlatform(this WebApplicationBuilder builder)
    {
        builder.AddSecretFiles();
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<StorageOptions>().BindConfiguration("Storage").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<PresenceOptions>().BindConfiguration("Presence").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<PortOptions>().BindConfiguration("Ports").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ListenerOptions>().BindConfiguration("Listeners").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<TlsOptions>().BindConfiguration("Tls").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ProxyOptions>().BindConfiguration("Proxies").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<AccountOptions>().BindConfiguration("Accounts").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<RobotAccessOptions>().BindConfiguration("RobotAccess").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<PairingOptions>().BindConfiguration("Pairing").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<WifiLoginOptions>().BindConfiguration("WifiLogins").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<RobotSpeechOptions>().BindConfiguration("RobotSpeech").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<PanelOptions>().BindConfiguration("Panels").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<BanOptions>().BindConfiguration("Bans").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ModerationOptions>().BindConfiguration("Moderation").ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<Database>();
        services.TryAddSingleton<RobotDirectory>();
        services.TryAddSingleton<ControlRulesStore>();
        services.TryAddSingleton<CommandLog>();
        services.TryAddSingleton<VideoSwitch>();
        services.TryAddSingleton<ViewingTokens>();
        services.TryAddSingleton<ModerationLog>();
        services.TryAddSingleton<BanDirectory>();
        services.TryAddSingleton<Moderators>();
        services.TryAddSingleton<SaidLines>();
        services.TryAddSingleton<ChatRulesStore>();
        services.TryAddSingleton<RobotAccess>();
        services.TryAddSingleton<PairingCodes>();
        services.TryAddSingleton<ChargeStates>();
        services.TryAddSingleton<WifiLogins>();
        services.TryAddSingleton<ViewerSnapshots>();
        services.TryAddSingleton<RecentChat>();
        services.TryAddSingleton<RobotSpeech>();
        services.TryAddSingleton<RobotVoice>();
        services.TryAddSingleton<Subscriptions>();
        services.TryAddSingleton<IPasswordHasher<Account>, PasswordHasher<Account>>();
        services.TryAddSingleton<AccountDirectory>();
        services.TryAddSingleton<AccountList>();
        services.TryAddSingleton<Sessions>();
        services.TryAddSingleton<ApiKeys>();
        services.TryAddSingleton<AdministratorCode>();
        services.TryAddSingleton<Callers>();
        services.TryAddSingleton<Visitors>();
        services.TryAddSingleton<AnonymousNames>();
        services.AddMetrics();
        services.TryAddSingleton<EventRefusals>();
        services.TryAddSingleton<RobotPresence>();
        services.TryAddSingleton<ChatPeople>();
        services.TryAddSingleton<RobotSockets>();
        services.TryAddSingleton<UserSocket>();
        services.TryAddSingleton<Changes>();
        services.AddSharing();
        services.AddHostedService<ChangeFeed>();
        services.AddCluster();
        services.AddReadiness();
        services.AddOptions<TelemetryOptions>().BindConfiguration("Telemetry").ValidateDataAnnotations().ValidateOnStart();
        services.AddHostedService<TelemetryExport>();
        services.AddSingleton<IHealthCheckPublisher, NodeMetrics>();
        services.AddOptions<HealthCheckPublisherOptions>().Configure<IOptions<TelemetryOptions>>(
            (publisher, telemetry) => (publisher.Delay, publisher.Period) = (ShortestPeriod, telemetry.Value.Interval > ShortestPeriod ? telemetry.Value.Interval : ShortestPeriod));
        services.AddProblemDetails();
        builder.AddLogging();
        return builder;
    }

    /// <summary>Presence and the bus: of this process alone, or on Redis when there is one.</summary>
    private static void AddSharing(this IServiceCollection services)
    {
        services.AddOptions<RedisOptions>().BindConfiguration("Redis").ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<RedisConnection>();
        services.TryAddSingleton<MemoryBus>();
        services.TryAddSingleton<IPresenceStore>(provider => IsShared(provider)
            ? ActivatorUtilities.CreateInstance<RedisPresenceStore>(provider)
            : ActivatorUtilities.CreateInstance<MemoryPresenceStore>(provider));
        services.TryAddSingleton<IBus>(provider => IsShared(provider)
            ? ActivatorUtilities.CreateInstance<RedisBus>(provider)
            : provider.GetRequiredService<MemoryBus>());
        services.AddHostedService<RedisBusStart>();
    }

    /// <summary>
    /// Lets the rooms of a Socket.IO server span the processes that serve it, when there is a Redis (channels
    /// <c>rooms:{server}</c>). Its broadcasts then reach all of them, unless they are local.
    /// </summary>
    public static IServiceCollection AddRoomsAcrossNodes(this IServiceCollection services, string server) =>
        services.AddKeyedSingleton<IAdapter>(server, (provider, _) =>
        {
            if (!IsShared(provider))
            {
                return InMemoryAdapter.Instance;
            }

            var redis = provider.GetRequiredService<RedisConnection>();
            return new RedisAdapter(redis.ConnectionAsync, redis.Name(SharedKeys.RoomsChannel(server)), provider.GetRequiredService<ILogger<RedisAdapter>>())
            {
                OpenTimeout = provider.GetRequiredService<IOptions<RedisOptions>>().Value.Timeout,
            };
        });

    /// <summary>What a node has of a cluster. It takes part in one when it listens (<see cref="ListenerExtensions.Listen"/>).</summary>
    private static void AddCluster(this IServiceCollection services)
    {
        services.AddOptions<ClusterOptions>().BindConfiguration("Cluster").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<HostOptions>().Configure<IOptions<ClusterOptions>>((host, cluster) => host.ShutdownTimeout = cluster.Value.DrainTime);
        services.TryAddSingleton<ThisNode>();
        services.TryAddSingleton<Draining>();
        services.TryAddSingleton<RedisWitnesses>();
        services.TryAddSingleton<SlotLeases>();
        services.TryAddSingleton<SlotDirectory>();
        services.TryAddSingleton<IClusterStore>(provider => IsShared(provider)
            ? ActivatorUtilities.CreateInstance<RedisClusterStore>(provider)
            : ActivatorUtilities.CreateInstance<MemoryClusterStore>(provider));
    }

    /// <summary>What the framework takes.</summary>
    private static readonly TimeSpan ShortestPeriod = TimeSpan.FromSeconds(1);

    private static bool IsShared(IServiceProvider provider) => provider.GetRequiredService<IOptions<RedisOptions>>().Value.Configuration is not null;

    /// <summary>The framework's categories that name the path of a request, or open a log scope with it.</summary>
    private static readonly string[] LogsOfPaths =
    [
        "Microsoft.AspNetCore.Hosting.Diagnostics",
        "Microsoft.AspNetCore.Routing.Matching",
        "Microsoft.AspNetCore.StaticFiles",
    ];

    /// <summary>
    /// One line an entry. These are defaults; configuration goes above them. What the framework logs with the path of a
    /// request stays off whatever is configured: a path may carry a stream key or a robot-id.
    /// </summary>
    private static void AddLogging(this WebApplicationBuilder builder)
    {
        // Whoever asks /readyz reads the reasons there, twice a second; what changed is logged by who found it out.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        foreach (var category in LogsOfPaths)
        {
            builder.Logging.AddFilter(category, LogLevel.None);
        }

        // Whoever asks whether the process is ready gets the reasons, several times a second; the log has them once, from what is away.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);

        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = new Dictionary<string, string?>
            {
                ["Logging:LogLevel:Default"] = "Information",
                ["Logging:LogLevel:Microsoft"] = "Warning",

                // What keeps a service from starting is told by ServiceProgram, in one line.
                ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "Critical",
                ["Logging:Console:FormatterName"] = "simple",
                ["Logging:Console:FormatterOptions:SingleLine"] = "true",
                ["Logging:Console:FormatterOptions:TimestampFormat"] = "yyyy-MM-dd HH:mm:ss.fff ",
            },
        });
    }
}
