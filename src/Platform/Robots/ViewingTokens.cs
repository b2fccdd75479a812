using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

using Dapper;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Storage;

namespace LiveRobot.Platform.Robots;

/// <summary>
/// Signed permissions to watch one robot until a moment: <c>{Unix seconds}.{base64url of HMAC-SHA-256 over handle,
/// seconds and generation}</c>. None is stored; any service on the same store can check one. All of a robot are withdrawn
/// together, by another generation.
/// </summary>
/// <remarks>
/// One for spectators begins with <c>s</c>, which is signed too. It takes away what everybody may: whoever comes with it
/// watches, reads and sends nothing, wherever and whoever it is.
/// </remarks>
public sealed class ViewingTokens(Database database, Changes changes, TimeProvider clock)
{
    /// <summary>The name of the query parameter in which a viewer shows a token.</summary>
    public const string QueryName = "token";

    private const string SpectatorMark = "s";

    private static readonly long MaxUnixSeconds = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    private byte[]? _key;

    /// <summary>Makes a token that is valid for so long.</summary>
    /// <param name="handle">The robot.</param>
    /// <param name="lifetime">How long.</param>
    /// <param name="forSpectators">Whether who shows it may send nothing.</param>
    public async Task<string> IssueAsync(string handle, TimeSpan lifetime, bool forSpectators = false)
    {
        var mark = forSpectators ? SpectatorMark : "";
        var expires = string.Create(CultureInfo.InvariantCulture, $"{mark}{(clock.GetUtcNow() + lifetime).ToUnixTimeSeconds()}");
        return $"{expires}.{Base64Url.EncodeToString(await SignAsync(handle, expires))}";
    }

    /// <summary>Checks a token that a viewer shows for a robot.</summary>
    public async Task<bool> IsValidAsync(string handle, string? token)
    {
        if (token?.Split('.') is not [var expires, var signature]
            || EndOf(token) is not { } end
            || clock.GetUtcNow() >= end
            || !Base64Url.IsValid(signature))
        {
            return false;
        }

        var right = await SignAsync(handle, expires);
        return CryptographicOperations.FixedTimeEquals(Base64Url.DecodeFromChars(signature), right);
    }

    /// <summary>Makes all tokens of a robot worthless; whoever watches by one alone is cut off.</summary>
    public async Task WithdrawAllAsync(string handle)
    {
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        await connection.ExecuteAsync("UPDATE robots SET viewing_generation = viewing_generation + 1 WHERE handle = @handle", new { handle }, transaction);
        await changes.AddAsync(connection, transaction, new RobotAccessChanged(handle));
        await transaction.CommitAsync();
        changes.Announce();
    }

    /// <summary>Tells whether who shows this may send nothing, whether or not it is still valid.</summary>
    public static bool IsForSpectators(string? token) => token?.StartsWith(SpectatorMark, StringComparison.Ordinal) == true;

    /// <summary>Reads when a token ends, as it says itself; null when it is none.</summary>
    internal static DateTimeOffset? EndOf(string? token) =>
        token?.Split('.') is [var expires, _]
        && long.TryParse(expires.AsSpan(IsForSpectators(token) ? SpectatorMark.Length : 0), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && seconds <= MaxUnixSeconds
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    private async Task<byte[]> SignAsync(string handle, string expires)
    {
        _key ??= (await database.MasterKeyAsync()).Derive("viewing tokens");
        await using var connection = await database.OpenAsync();
        var generation = await connection.ExecuteScalarAsync<long>("SELECT viewing_generation FROM robots WHERE handle = @handle", new { handle });
        return HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{handle}\n{expires}\n{generation}")));
    }
}
