using System.Globalization;

using LiveRobot.Platform.Bans;
using LiveRobot.Platform.Robots;

using Microsoft.AspNetCore.Http.HttpResults;

namespace LiveRobot.Api;

/// <summary>The API's errors, as problem details (RFC 9457). They do not repeat what the caller sent: it may be a credential.</summary>
internal static class Problems
{
    public static ProblemHttpResult UnknownRobot() => NotFound("There is no robot with this id or handle.");

    /// <summary>Nobody has the robot-id or the handle; or its robot-id is not accepted so, and <c>code</c> says why.</summary>
    public static ProblemHttpResult Of(RobotIdentity nobody) => nobody.Refusal is { } refusal
        ? Refused(refusal)
        : UnknownRobot();

    /// <summary>Somebody is banned: <c>code</c> is <c>banned</c>; existing viewers look for the text in <c>error</c>.</summary>
    public static ProblemHttpResult Banned(Ban ban) => Refused(RobotRefusal.Banned(ban));

    public static ProblemHttpResult UnknownCamera() => NotFound("There is no camera with this number.");

    public static ProblemHttpResult UnknownAccount() => NotFound("There is no account of this name.");

    public static ProblemHttpResult NotFound(string detail) => Of(StatusCodes.Status404NotFound, detail);

    public static ProblemHttpResult Bad(string detail) => Of(StatusCodes.Status400BadRequest, detail);

    public static ProblemHttpResult Bad(ArgumentException exception) => Bad(TextOf(exception));

    /// <summary>The message for people, without the name of the parameter, which .NET puts behind.</summary>
    public static string TextOf(ArgumentException exception) => exception.Message.Split(" (Parameter")[0];

    /// <summary>What the server could not read, e.g. a body that is too large.</summary>
    public static ProblemHttpResult Of(BadHttpRequestException exception) => Of(exception.StatusCode, exception.Message);

    public static ProblemHttpResult UnsupportedBody() =>
        Of(StatusCodes.Status415UnsupportedMediaType, "The body is to be application/json or application/x-www-form-urlencoded.");

    public static ProblemHttpResult SignInFirst() => Of(StatusCodes.Status401Unauthorized, "This is for those who have signed in or have an API key.");

    public static ProblemHttpResult WrongPassword() => Of(StatusCodes.Status401Unauthorized, "The name or the password is wrong.");

    public static ProblemHttpResult Forbidden(string detail) => Of(StatusCodes.Status403Forbidden, detail);

    public static ProblemHttpResult SessionOnly() => Forbidden("This takes somebody who has signed in; an API key is not enough.");

    public static ProblemHttpResult Conflict(string detail) => Of(StatusCodes.Status409Conflict, detail);

    /// <summary>Somebody did something too often; <c>Retry-After</c> says in how many seconds it goes on.</summary>
    public static ProblemHttpResult TooMany(HttpContext context, TimeSpan wait, string detail)
    {
        context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return ForApps(StatusCodes.Status429TooManyRequests, detail);
    }

    /// <summary>A problem that existing viewers read too: they look for the text in <c>error</c>.</summary>
    public static ProblemHttpResult ForApps(int status, string detail) =>
        TypedResults.Problem(detail, statusCode: status, extensions: [new("error", detail)]);

    private static ProblemHttpResult Refused(RobotRefusal refusal) => TypedResults.Problem(
        refusal.Error, statusCode: StatusCodes.Status403Forbidden, extensions: [new("code", refusal.Code), new("error", refusal.Error)]);

    private static ProblemHttpResult Of(int status, string detail) => TypedResults.Problem(detail, statusCode: status);
}
