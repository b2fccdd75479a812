using System.Data.Common;
using System.Security.Cryptography;
using System.Text;

using Dapper;

using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Storage;

/// <summary>The one secret of a store, from which a key for each purpose is derived (HKDF with SHA-256, RFC 5869).</summary>
public sealed class MasterKey
{
    /// <summary>The shortest secret in bytes, and the length of every derived key.</summary>
    public const int Length = 32;

    private const string SecretName = "master-key";
    private const string CheckName = "master-key-check";

    private readonly byte[] _secret;

    private MasterKey(byte[] secret) => _secret = secret;

    /// <summary>Derives the key of 32 bytes for a purpose: always the same for the same purpose, and none tells another.</summary>
    public byte[] Derive(string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, Length, info: Encoding.UTF8.GetBytes(purpose));

    /// <summary>Takes the secret from the options or, where there is none, the one in the store, made when it is missing.</summary>
    /// <exception cref="OptionsValidationException">The store was made with another secret: what is stored could not be read.</exception>
    internal static async Task<MasterKey> LoadAsync(DbConnection connection, DbTransaction transaction, StorageOptions options)
    {
        var secret = options.MasterKey is { Length: > 0 } text
            ? Convert.FromBase64String(text)
            : await KeepAsync(connection, transaction, SecretName, RandomNumberGenerator.GetBytes(Length));
        var key = new MasterKey(secret);
        var check = key.Derive("master key check");
        var kept = await KeepAsync(connection, transaction, CheckName, check);
        if (!CryptographicOperations.FixedTimeEquals(check, kept))
        {
            throw new OptionsValidationException(
                nameof(StorageOptions), typeof(StorageOptions), ["Storage:MasterKey is not the key that this store was made with."]);
        }

        return key;
    }

    /// <summary>Keeps a value under a name, unless one is kept already; gives the one that is kept.</summary>
    private static async Task<byte[]> KeepAsync(DbConnection connection, DbTransaction transaction, string name, byte[] value)
    {
        await connection.ExecuteAsync(
            "INSERT INTO secrets (name, value) VALUES (@name, @value) ON CONFLICT (name) DO NOTHING", new { name, value }, transaction);
        return await connection.QuerySingleAsync<byte[]>("SELECT value FROM secrets WHERE name = @name", new { name }, transaction);
    }
}
