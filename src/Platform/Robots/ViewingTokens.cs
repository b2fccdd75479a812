using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

using LiveRobot.Platform.Storage;

namespace LiveRobot.Platform.Robots;

/// <summary>
/// Signed permissions to watch one robot until a moment: <c>{Unix seconds}.{base64url of HMAC-SHA-256 over handle and
/// seconds}</c>. Nothing is stored; any service with the same master key can check one.
/// </summary>
public sealed class ViewingTokens(Database database, TimeProvider clock)
{
    /// <summary>The name of the query parameter in which a viewer shows a token.</summary>
    public const string QueryName = "token";

    private byte[]? _key;

    /// <summary>Makes a token that is valid for so long.</summary>
    public async Task<string> IssueAsync(string handle, TimeSpan lifetime)
    {
        var expires = (clock.GetUtcNow() + lifetime).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"{expires}.{Base64Url.EncodeToString(await SignAsync(handle, expires))}";
    }

    /// <summary>Checks a token that a viewer shows for a robot.</summary>
    public async Task<bool> IsValidAsync(string handle, string? token)
    {
        if (token?.Split('.') is not [var expires, var signature]
            || !long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || clock.GetUtcNow().ToUnixTimeSeconds() >= seconds
            || !Base64Url.IsValid(signature))
        {
            return false;
        }

        var right = await SignAsync(handle, expires);
        return CryptographicOperations.FixedTimeEquals(Base64Url.DecodeFromChars(signature), right);
    }

    private async Task<byte[]> SignAsync(string handle, string expires)
    {
        _key ??= (await database.MasterKeyAsync()).Derive("viewing tokens");
        return HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{handle}\n{expires}"));
    }
}
