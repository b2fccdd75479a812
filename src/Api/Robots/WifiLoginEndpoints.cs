using System.Text.Json.Serialization;

using LiveRobot.Api.Accounts;
using LiveRobot.Platform.Robots;

using Microsoft.AspNetCore.Mvc;

namespace LiveRobot.Api.Robots;

/// <summary>Where an owner who has signed in leaves a Wi-Fi login for a robot. The robot fetches it at <c>/get_wifi_login/{secret}</c>.</summary>
internal static class WifiLoginEndpoints
{
    private const long MaxBodyBytes = 4_096;

    public static void MapWifiLogins(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/v1/robots/{handle}/wifi_login").WithTags("Own robots").RequireAuthorization(CallerAuthentication.SessionOnly)
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes)).DisableAntiforgery();
        group.MapGet("", FindAsync).WithSummary("What is left for the robot, without the password, and the secret with which it asks.");
        group.MapPut("", SetAsync).WithSummary("Leaves a login for the robot: wifi_name, wifi_password, hours (24). The secret stays as it is.");
        group.MapDelete("", WithdrawAsync).WithSummary("Withdraws the login. The secret stays, for the next.");
        group.MapPost("/secret", ReplaceSecretAsync).WithSummary("Replaces the secret with which the robot asks. The old one stops working at once.");
    }

    private static Task<IResult> FindAsync(string handle, CallerFeature caller, RobotDirectory robots, WifiLogins logins, HttpResponse response) =>
        OwnRobotEndpoints.ForOwnerAsync(handle, caller, robots, async _ => Answer(await logins.FindForOwnerAsync(handle), response));

    private static Task<IResult> SetAsync(
        string handle, WifiLoginRequest request, CallerFeature caller, RobotDirectory robots, WifiLogins logins, HttpResponse response) =>
        OwnRobotEndpoints.ForOwnerAsync(handle, caller, robots, async _ =>
        {
            try
            {
                var login = new WifiLogin(request.Name ?? "", request.Password ?? "");
                return Answer(await logins.SetAsync(handle, login, request.Hours is { } hours ? HoursOf(hours) : null), response);
            }
            catch (ArgumentException exception)
            {
                return Problems.Bad(exception);
            }
        });

    private static Task<IResult> WithdrawAsync(string handle, CallerFeature caller, RobotDirectory robots, WifiLogins logins) =>
        OwnRobotEndpoints.ForOwnerAsync(handle, caller, robots, async _ =>
        {
            await logins.WithdrawAsync(handle);
            return TypedResults.NoContent();
        });

    private static Task<IResult> ReplaceSecretAsync(string handle, CallerFeature caller, RobotDirectory robots, WifiLogins logins, HttpResponse response) =>
        OwnRobotEndpoints.ForOwnerAsync(handle, caller, robots, async _ => Answer(await logins.ReplaceSecretAsync(handle), response));

    /// <summary>What is no time at all is refused as one that is too long.</summary>
    private static TimeSpan HoursOf(double hours) => hours is > 0 and < 1_000_000 ? TimeSpan.FromHours(hours) : TimeSpan.MaxValue;

    private static IResult Answer(OwnWifiLogin? login, HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        return login is null ? Problems.NotFound("No Wi-Fi login was left for this robot yet.") : TypedResults.Ok(login);
    }

    private sealed record WifiLoginRequest(
        [property: JsonPropertyName("wifi_name")] string? Name,
        [property: JsonPropertyName("wifi_password")] string? Password,
        [property: JsonPropertyName("hours")] double? Hours);
}
