using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace LiveRobot.Platform.Accounts;

/// <summary>
/// Secrets that we make and hand out once: sessions, API keys. Each is 256 bits of chance, so a plain SHA-256 of it is
/// all that has to be stored; a stolen store opens nothing.
/// </summary>
internal static class SecretTokens
{
    private const int Bytes = 32;

    /// <summary>Makes a token: 43 characters, safe in a header, a cookie and an address.</summary>
    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>The form in which a token is stored and found.</summary>
    public static byte[] Digest(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
