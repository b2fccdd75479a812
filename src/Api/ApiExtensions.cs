using LiveRobot.Api.Accounts;
using LiveRobot.Api.Admin;
using LiveRobot.Api.Bans;
using LiveRobot.Api.Control;
using LiveRobot.Api.LookUps;
using LiveRobot.Api.Moderation;
using LiveRobot.Api.Robots;
using LiveRobot.Api.Site;
using LiveRobot.Api.Snapshots;
using LiveRobot.Api.ViewerApp;
using LiveRobot.Platform.Cluster;

namespace LiveRobot.Api;

/// <summary>Registers the HTTP API with the site, and puts them on paths.</summary>
public static class ApiExtensions
{
    /// <summary>Adds the service.</summary>
    public static WebApplicationBuilder AddApi(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<AdvertiseOptions>().BindConfiguration("Advertise").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<SiteOptions>().BindConfiguration("Site").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<SnapshotOptions>().BindConfiguration("Snapshots").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddNodeService("api", ports => ports.Api);
        builder.Services.AddSingleton<Advertised>();
        builder.Services.AddSingleton<KeyframeDecoder>();
        builder.Services.AddSingleton<SnapshotCache>();
        builder.Services.AddSingleton<SnapshotRate>();
        builder.Services.AddSingleton<SessionCookie>();
        builder.Services.AddSingleton<SignInLimits>();
        CallerAuthentication.Add(builder.Services);
        builder.Services.AddOpenApi();
        return builder;
    }

    /// <summary>Serves the API, its OpenAPI document at <c>/openapi/v1.json</c>, and the site for everything else.</summary>
    public static void MapApi(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapOpenApi();
        endpoints.MapLookUps();
        endpoints.MapRobots();
        endpoints.MapOwnRobots();
        endpoints.MapPairing();
        endpoints.MapWifiLogins();
        endpoints.MapReverseSsh();
        endpoints.MapRobotsOfApp();
        endpoints.MapControl();
        endpoints.MapBans();
        endpoints.MapModeration();
        endpoints.MapSnapshots();
        endpoints.MapViewerSnapshots();
        endpoints.MapAccounts();
        endpoints.MapSignIn();
        endpoints.MapOwnAccount();
        endpoints.MapSubscriptions();
        endpoints.MapAdmin();
        endpoints.MapViewerApp();
        endpoints.MapSite();
    }
}
