using System.Net;

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace LiveRobot.Platform.Robots;

/// <summary>How somebody comes who says to be a robot: with a request, or over a socket that a request has opened.</summary>
/// <param name="Address">The address it comes from, if it is known.</param>
/// <param name="IsSecure">Whether it comes over TLS.</param>
/// <param name="RobotToken">The robot token that it shows, if any: <c>Authorization: Robot TOKEN</c>.</param>
public sealed record RobotApproach(IPAddress? Address, bool IsSecure, string? RobotToken)
{
    /// <summary>
    /// The scheme of the <c>Authorization</c> header. The header goes with every request and with the opening request of
    /// every socket, whatever the path and the protocol revision, and stands in no address that a proxy would log.
    /// </summary>
    public const string Scheme = "Robot";

    public static RobotApproach Of(HttpRequest request) =>
        new(request.HttpContext.Connection.RemoteIpAddress, request.IsHttps, TokenIn(request.Headers.Authorization));

    /// <summary>Reads the robot token of an <c>Authorization</c> header; null when it has none.</summary>
    public static string? TokenIn(StringValues authorization)
    {
        var text = authorization.ToString();
        return text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && (text.Length == Scheme.Length || text[Scheme.Length] == ' ')
            ? text[Scheme.Length..].Trim()
            : null;
    }
}
