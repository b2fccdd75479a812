using LiveRobot.Platform.Cluster;
using LiveRobot.VideoRelay.Edges;
using LiveRobot.VideoRelay.Feeds;
using LiveRobot.VideoRelay.Ingest;
using LiveRobot.VideoRelay.Viewers;

using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LiveRobot.VideoRelay;

/// <summary>Registers the relay and puts it on ports and paths.</summary>
public static class VideoRelayExtensions
{
    /// <summary>Adds the service. Feeds are shared by everything in the same container.</summary>
    public static WebApplicationBuilder AddVideoRelay(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<VideoRelayOptions>().BindConfiguration("VideoRelay").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<EdgeOptions>().BindConfiguration("VideoRelay:Edge").ValidateDataAnnotations().ValidateOnStart();
        services.AddMetrics();
        services.AddSlotService(Slot.Video, ports => ports.Video, provider => provider.GetRequiredService<FeedDirectory>().Load());
        services.TryAddSingleton<FeedDirectory>();
        services.TryAddSingleton<RelayMetrics>();
        services.AddHostedService<StreamKeyWatch>();
        services.TryAddSingleton<WrongKeys>();
        services.TryAddSingleton<IngestEndpoint>();
        services.TryAddSingleton<EdgeAccess>();
        services.TryAddSingleton<IFeedOrigins, FeedOrigins>();
        services.TryAddSingleton<EdgeChains>();
        services.TryAddSingleton<EdgeFeeds>();
        services.AddHostedService<Placement>();
        services.TryAddSingleton<WatchedCameras>();
        services.TryAddSingleton<ViewerPings>();
        services.TryAddSingleton<ViewerEndpoint>();
        services.TryAddSingleton<KeyframeEndpoint>();
        return builder;
    }

    /// <summary>Maps what a port of the relay serves: ingest, viewers at <c>/{handle}</c> and <c>/{handle}/{camera_id}</c>, and keyframes.</summary>
    public static void MapRelayPort(this IEndpointRouteBuilder endpoints, Medium medium)
    {
        endpoints.MapVideoIngest(medium);
        endpoints.MapVideoViewers(medium);
        if (medium == Medium.Video)
        {
            endpoints.MapKeyframes();
        }
    }

    /// <summary>
    /// Maps the viewers of both media where the site's pages ask for them: <c>/relay/video/{handle}/{camera_id}</c> and
    /// <c>/relay/audio/…</c>, and the same below <c>/slots/{slot}</c>.
    /// </summary>
    public static void MapRelayOrigin(this IEndpointRouteBuilder endpoints)
    {
        foreach (var medium in new[] { Medium.Video, Medium.Audio })
        {
            endpoints.MapVideoViewers(medium, $"/relay/{medium.Name()}");
            endpoints.MapVideoViewers(medium, $"{SlotExtensions.PathPrefix}/relay/{medium.Name()}").OfSlot(endpoints, Slot.Video);
        }
    }

    /// <summary>Maps <c>POST</c> and <c>PUT /{stream_key}/{xres}/{yres}</c>, with or without a slash behind: MPEG-TS without end.</summary>
    public static IEndpointConventionBuilder MapVideoIngest(this IEndpointRouteBuilder endpoints, Medium medium)
    {
        var ingest = endpoints.ServiceProvider.GetRequiredService<IngestEndpoint>();
        return endpoints
            .MapMethods("/{streamKey}/{xres}/{yres}", [HttpMethods.Post, HttpMethods.Put], context => ingest.ServeAsync(context, medium))
            .ExcludeFromDescription();
    }

    /// <summary>
    /// Maps the WebSockets of viewers at <c>{prefix}/{handle}</c> and <c>{prefix}/{handle}/{camera_id}</c>: binary
    /// messages of whole TS packets.
    /// </summary>
    public static IEndpointConventionBuilder MapVideoViewers(this IEndpointRouteBuilder endpoints, Medium medium, string prefix = "")
    {
        var viewers = endpoints.ServiceProvider.GetRequiredService<ViewerEndpoint>();
        return endpoints
            .MapGet($"{prefix}/{{handle}}/{{cameraId?}}", context => viewers.ServeAsync(context, medium))
            .ExcludeFromDescription();
    }

    /// <summary>Maps <c>/{handle}/{camera_id}/keyframe</c>: the last keyframe, a transport stream of its own.</summary>
    public static IEndpointConventionBuilder MapKeyframes(this IEndpointRouteBuilder endpoints)
    {
        var keyframes = endpoints.ServiceProvider.GetRequiredService<KeyframeEndpoint>();
        return endpoints.MapGet("/{handle}/{cameraId}/keyframe", keyframes.ServeAsync).ExcludeFromDescription();
    }
}
