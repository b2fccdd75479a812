using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using LiveRobot.Api.Accounts;
using LiveRobot.Platform.Robots;

using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;

namespace LiveRobot.Api.Robots;

/// <summary>
/// How the existing viewer app saves the settings of its owner's robots: all at once, in a form of fields
/// <c>robots[][robot_id]=…&amp;robots[][public]=1&amp;…</c>, a robot's fields one after the other.
/// </summary>
internal static partial class AppRobotsEndpoint
{
    private const long MaxBodyBytes = 262_144;
    private const string IdField = "robot_id";

    public static void MapRobotsOfApp(this IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/api/v1/accounts/robots", SaveAsync).WithTags("Own robots").RequireAuthorization()
        .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes)).DisableAntiforgery()
        .WithSummary("Changes settings of several robots, as the existing viewer app does it. All are changed, or none.");

    private static async Task<IResult> SaveAsync(HttpContext context, CallerFeature caller, RobotAccess access, RobotDirectory robots, IOptions<PanelOptions> panels)
    {
        if (context.Request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) != true)
        {
            return Problems.UnsupportedBody();
        }

        try
        {
            using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
            var changes = new List<(Robot Robot, JsonElement Settings)>();
            foreach (var fields in Read(await reader.ReadToEndAsync(context.RequestAborted)))
            {
                // A robot of somebody else is as good as none: the app names only those that it was told are its owner's.
                if (fields[IdField]?.GetValue<string>() is not { } id
                    || await access.FindForOwnerAsync(id, caller.Caller, caller.Address) is not { } robot
                    || !caller.Caller.Owns(robot))
                {
                    return Problems.ForApps(StatusCodes.Status404NotFound, "One of these is no robot of yours.");
                }

                var settings = JsonSerializer.SerializeToElement(fields);
                var wanted = RobotSettingsRequest.Apply(robot, settings, panels.Value);
                RobotNames.CheckName(wanted.Name, "robot_name");
                RobotNames.CheckDescription(wanted.Description, "robot_description");
                changes.Add((robot, settings));
            }

            foreach (var (robot, settings) in changes)
            {
                await robots.ChangeAsync(robot.Handle, stored => RobotSettingsRequest.Apply(stored, settings, panels.Value));
            }

            return TypedResults.Ok(new { });
        }
        catch (BadHttpRequestException exception)
        {
            return Problems.Of(exception);
        }
        catch (ArgumentException exception)
        {
            return Problems.ForApps(StatusCodes.Status400BadRequest, Problems.TextOf(exception));
        }
    }

    /// <summary>Cuts the fields into robots: a key that comes again begins the next.</summary>
    private static List<JsonObject> Read(string form)
    {
        var robots = new List<JsonObject>();
        foreach (var field in new QueryStringEnumerable(form))
        {
            if (FieldName().Match(field.DecodeName().ToString()) is not { Success: true } match)
            {
                continue;
            }

            var key = match.Groups[1].Value;
            if (robots.Count == 0 || robots[^1].ContainsKey(key))
            {
                robots.Add([]);
            }

            robots[^1][key] = field.DecodeValue().ToString();
        }

        return robots;
    }

    [GeneratedRegex(@"^robots\[\]\[(\w+)\]$", RegexOptions.CultureInvariant)]
    private static partial Regex FieldName();
}
