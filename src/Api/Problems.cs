using Microsoft.AspNetCore.Http.HttpResults;

namespace LiveRobot.Api;

/// <summary>The API's errors, as problem details (RFC 9457). They do not repeat what the caller sent: it may be a credential.</summary>
internal static class Problems
{
    public static ProblemHttpResult UnknownRobot() => NotFound("There is no robot with this id or handle.");

    public static ProblemHttpResult UnknownCamera() => NotFound("There is no camera with this number.");

    public static ProblemHttpResult UnknownAccount() => NotFound("There is no account of this name.");

    private static ProblemHttpResult NotFound(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status404NotFound);
}
