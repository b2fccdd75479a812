using System.Net.Http.Headers;

namespace LiveRobot.RobotClient.Server;

/// <summary>The header in which a robot shows its robot token, with look-ups and sockets alike.</summary>
internal static class RobotToken
{
    public const string HeaderName = "Authorization";

    private const string Scheme = "Robot";

    public static string HeaderValue(string token) => $"{Scheme} {token}";

    public static AuthenticationHeaderValue Header(string token) => new(Scheme, token);
}
