using System.Security.Cryptography;

using Dapper;

using LiveRobot.Platform.Storage;

namespace LiveRobot.Platform.Accounts;

/// <summary>The one-time code with which the first administrator signs up: whoever can read the server's output may be one.</summary>
public sealed class AdministratorCode(Database database)
{
    private const string SecretName = "administrator-code";
    private const string Alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    /// <summary>Makes a code, in place of an earlier one; null when there is an administrator, who needs none.</summary>
    public async Task<string?> IssueAsync()
    {
        var code = RandomNumberGenerator.GetString(Alphabet, 20);
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        if (await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM accounts WHERE is_administrator = 1", transaction: transaction) > 0)
        {
            return null;
        }

        await connection.ExecuteAsync(
            "INSERT INTO secrets (name, value) VALUES (@SecretName, @digest) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            new { SecretName, digest = SecretTokens.Digest(code) },
            transaction);
        await transaction.CommitAsync();
        return code;
    }

    /// <summary>Uses a code up; false when it is not the one that was issued last, or is used up.</summary>
    public async Task<bool> UseAsync(string code)
    {
        await using var connection = await database.OpenAsync();
        return await connection.ExecuteAsync(
            "DELETE FROM secrets WHERE name = @SecretName AND value = @digest",
            new { SecretName, digest = SecretTokens.Digest(code.Trim()) }) > 0;
    }
}
