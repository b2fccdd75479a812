using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

using Dapper;

using LiveRobot.Platform.Storage;

namespace LiveRobot.Platform.Identity;

/// <summary>
/// Names for people who have not signed in: <c>anonymous</c> and four digits, the same for the same address and
/// browser, over restarts too. They are drawn with a secret, so that a name does not tell an address.
/// </summary>
public sealed class AnonymousNames(Database database)
{
    /// <summary>What every such name begins with; no account may.</summary>
    public const string Prefix = "anonymous";

    private const string SecretName = "anonymous-names";

    private byte[]? _secret;

    /// <summary>Names the person at an address with that browser (its <c>User-Agent</c>).</summary>
    public async Task<string> NameAsync(IPAddress address, string userAgent)
    {
        var person = Encoding.UTF8.GetBytes($"{address}\n{userAgent}");
        var digest = HMACSHA256.HashData(_secret ??= await LoadSecretAsync(), person);
        return string.Create(CultureInfo.InvariantCulture, $"{Prefix}{BitConverter.ToUInt32(digest) % 10_000:0000}");
    }

    private async Task<byte[]> LoadSecretAsync()
    {
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync(
            "INSERT INTO secrets (name, value) VALUES (@SecretName, @value) ON CONFLICT (name) DO NOTHING",
            new { SecretName, value = RandomNumberGenerator.GetBytes(32) });
        return await connection.QuerySingleAsync<byte[]>("SELECT value FROM secrets WHERE name = @SecretName", new { SecretName });
    }
}
