using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

using LiveRobot.Api.Accounts;
using LiveRobot.Api.Robots;
using LiveRobot.Platform.Accounts;
using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Control;
using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;

using Microsoft.AspNetCore.Mvc;

namespace LiveRobot.Api.Control;

/// <summary>The rules of a robot's control, exclusive control, the emergency stop, and the log of commands.</summary>
internal static class ControlEndpoints
{
    private const long MaxBodyBytes = 16_384;

    public static void MapControl(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/api/v1/robots/{handle}/control", FindAsync).WithTags("Control")
            .WithSummary("How those who may drive share the robot, and who drives it alone.");
        endpoints.MapGet("/api/v1/robots/{handle}/latency", FindLatencyAsync).WithTags("Control")
            .WithSummary("How long the robot and its viewers take to answer the control socket, in milliseconds.");
        var group = endpoints.MapGroup("/api/v1/robots/{handle}").WithTags("Control").RequireAuthorization()
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes)).DisableAntiforgery();
        group.MapPost("/control", ChangeAsync).WithSummary(
            "Changes rules: a JSON object with the changed keys alone (mode, turn_seconds, vote_seconds, registered_first, video_bound, stoppers, log_days).");
        group.MapPost("/exclusive_control", GrantAsync).WithSummary("Gives an account exclusive control (username; the caller when there is none), for seconds or until it is ended.");
        group.MapDelete("/exclusive_control", EndExclusiveAsync).WithSummary("Ends exclusive control. Whoever has it may, too.");
        group.MapPost("/stop", StopAsync).WithSummary("Stops the robot in an emergency and closes its control.");
        group.MapPost("/reopen", ReopenAsync).WithSummary("Opens the control again.");
        group.MapPost("/video", SwitchVideoAsync).WithSummary("Tells the robot to send its picture, or to stop sending it: on.");
        group.MapGet("/commands", LogAsync).WithSummary(
            "The newest commands first, as JSON or, with format=csv, as CSV: username, command, outcome, since, until, before (an id), limit (100; at most 1,000).");
    }

    private static async Task<IResult> FindAsync(
        string handle, string? token, CallerFeature caller, RobotAccess access, ControlRulesStore rules, HttpResponse response)
    {
        var watched = await access.FindForViewerAsync(handle, token, caller.Caller, caller.Address);
        if (watched.Robot is not { } robot)
        {
            return Problems.Of(watched);
        }

        response.Headers.CacheControl = "no-store";
        var found = await rules.FindAsync(robot.Handle);
        return TypedResults.Ok(new ControlView(found, found.MayStop(robot, caller.Caller), isForOwner: caller.Caller.Owns(robot)));
    }

    private static async Task<IResult> FindLatencyAsync(
        string handle, string? token, CallerFeature caller, RobotAccess access, RobotPresence presence, HttpResponse response)
    {
        var found = await access.FindForViewerAsync(handle, token, caller.Caller, caller.Address);
        if (found.Robot is not { } robot)
        {
            return Problems.Of(found);
        }

        response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(await presence.GetLatencyAsync(robot.Handle));
    }

    private static Task<IResult> ChangeAsync(
        string handle, HttpContext context, CallerFeature caller, RobotDirectory robots, ControlRulesStore rules, AccountDirectory accounts) =>
        OwnRobotEndpoints.ForOwnerAsync(handle, caller, robots, async robot =>
        {
            try
            {
                using var request = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
                if (request.RootElement.ValueKind != JsonValueKind.Object)
                {
                    return Problems.Bad("The body is not a JSON object with the rules that are to change.");
                }

                // Read once before anything is stored, so that names can be looked up; then upon what is stored by now.
                var found = await rules.FindAsync(handle);
                foreach (var stopper in ControlRulesRequest.Apply(found, request.RootElement).Stoppers.Except(found.Stoppers))
                {
                    if (await accounts.FindAsync(stopper) is null)
                    {
                        return Problems.Bad("stoppers: there is no account of one of these names.");
                    }
                }

                var changed = await rules.ChangeAsync(handle, stored => ControlRulesRequest.Apply(stored, request.RootElement));
                return changed is null ? Problems.UnknownRobot() : TypedResults.Ok(new ControlView(changed, mayStop: true, isForOwner: true));
            }
            catch (Exception exception) when (exception is JsonException or InvalidOperationException)
            {
                // The latter: a text with half of a surrogate pair.
                return Problems.Bad("The body is not well-formed JSON.");
            }
            catch (BadHttpRequestException exception)
            {
                return Problems.Of(exception);
            }
            catch (ArgumentException exception)
            {
                return Problems.Bad(exception);
            }
        });

    private static Task<IResult> GrantAsync(
        string handle, GrantRequest request, CallerFeature caller, RobotDirectory robots, ControlRulesStore rules, AccountDirectory accounts) =>
        OwnRobotEndpoints.ForOwnerAsync(handle, caller, robots, async _ =>
        {
            if (request.Seconds is not (null or (> 0 and <= ControlRules.MaxExclusiveSeconds)))
            {
                return Problems.Bad(FormattableString.Invariant($"seconds: a number up to {ControlRules.MaxExclusiveSeconds} is expected."));
            }

            var account = request.Username is { } name ? await accounts.FindAsync(name) : caller.Caller.Account;
            if (account is null)
            {
                return Problems.UnknownAccount();
            }

            return await rules.GrantAsync(handle, account.Name, request.Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null)
                ? TypedResults.NoContent()
                : Problems.UnknownRobot();
        });

    private static async Task<IResult> EndExclusiveAsync(string handle, CallerFeature caller, RobotDirectory robots, ControlRulesStore rules)
    {
        var exclusive = (await rules.FindAsync(handle)).Exclusive;
        return exclusive is not null && exclusive.Username == caller.Caller.Account?.Name
            ? await DoneAsync(rules.EndExclusiveAsync(handle, exclusive))
            : await OwnRobotEndpoints.ForOwnerAsync(handle, caller, robots, _ => DoneAsync(rules.EndExclusiveAsync(handle)));
    }

    private static async Task<IResult> StopAsync(string handle, CallerFeature caller, RobotDirectory robots, BanDirectory bans, ControlRulesStore rules) =>
        await robots.FindByHandleAsync(handle) is not { } robot ? Problems.UnknownRobot()
        : !(await rules.FindAsync(handle)).MayStop(robot, caller.Caller) ? OwnRobotEndpoints.Refuse(caller, robot)!
        : await bans.FindAsync(robot, caller.Caller, caller.Address) is { } ban ? Problems.Banned(ban)
        : await DoneAsync(rules.StopAsync(handle, caller.Caller.Account!.Name));

    private static Task<IResult> ReopenAsync(string handle, CallerFeature caller, RobotDirectory robots, ControlRulesStore rules) =>
        OwnRobotEndpoints.ForOwnerAsync(handle, caller, robots, _ => DoneAsync(rules.ReopenAsync(handle)));

    private static Task<IResult> SwitchVideoAsync(string handle, VideoRequest request, CallerFeature caller, RobotDirectory robots, VideoSwitch video) =>
        OwnRobotEndpoints.ForOwnerAsync(handle, caller, robots, async _ =>
        {
            await video.SwitchAsync(handle, request.IsOn);
            return TypedResults.NoContent();
        });

    private static Task<IResult> LogAsync(
        string handle, [AsParameters] LogRequest request, CallerFeature caller, RobotDirectory robots, CommandLog log, HttpResponse response) =>
        OwnRobotEndpoints.ForOwnerAsync(handle, caller, robots, async _ =>
        {
            if (request.Limit is < 1 or > CommandLog.MaxLines)
            {
                return Problems.Bad($"limit: a number from 1 to {CommandLog.MaxLines} is expected.");
            }

            if (request.Format is not (null or "json" or "csv"))
            {
                return Problems.Bad("format: json or csv is expected.");
            }

            response.Headers.CacheControl = "no-store";
            var lines = await log.FindAsync(handle, new CommandLogQuery(
                request.Username, request.Command, request.Outcome, request.Since, request.Until, request.Before, request.Limit ?? 100));
            return request.Format == "csv"
                ? TypedResults.Text(Csv(lines), "text/csv", Encoding.UTF8)
                : TypedResults.Ok(new CommandList([.. lines.Select(line => new CommandView(line.Id, line.At, line.Username, line.Command, line.Position, line.Outcome))]));
        });

    /// <summary>RFC 4180, with a line of names.</summary>
    private static string Csv(IEnumerable<LoggedCommand> lines)
    {
        var text = new StringBuilder("id,at,username,command,key_position,outcome\r\n");
        foreach (var line in lines)
        {
            text.Append(CultureInfo.InvariantCulture, $"{line.Id},{line.At:O},{Quoted(line.Username)},{Quoted(line.Command)},{line.Position},{line.Outcome}\r\n");
        }

        return text.ToString();
    }

    /// <summary>A spreadsheet takes a text that begins like this for a formula; viewers choose commands.</summary>
    private static string Quoted(string text)
    {
        var safe = text.Length > 0 && "=+-@\t\r".Contains(text[0], StringComparison.Ordinal) ? $"'{text}" : text;
        return $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static async Task<IResult> DoneAsync(Task<bool> change) => await change ? TypedResults.NoContent() : Problems.UnknownRobot();

    private sealed record GrantRequest(
        [property: JsonPropertyName("username")] string? Username,
        [property: JsonPropertyName("seconds")] double? Seconds);

    private sealed record VideoRequest([property: JsonPropertyName("on"), JsonRequired] bool IsOn);

    private sealed record LogRequest(
        string? Username, string? Command, string? Outcome, DateTimeOffset? Since, DateTimeOffset? Until, long? Before, int? Limit, string? Format);

    private sealed record CommandList([property: JsonPropertyName("commands")] IReadOnlyList<CommandView> Commands);

    private sealed record CommandView(
        [property: JsonPropertyName("id")] long Id,
        [property: JsonPropertyName("at")] DateTimeOffset At,
        [property: JsonPropertyName("username")] string Username,
        [property: JsonPropertyName("command")] string Command,
        [property: JsonPropertyName("key_position")] string Position,
        [property: JsonPropertyName("outcome")] string Outcome);
}
