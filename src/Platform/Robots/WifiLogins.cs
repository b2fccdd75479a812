using System.Data.Common;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

using Dapper;

using LiveRobot.Platform.Storage;

using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Robots;

/// <summary>
/// The name and password of a Wi-Fi that an owner leaves for a robot to fetch. The robot asks with a secret of its own,
/// which its owner has put into its configuration; an existing robot asks every 10 seconds and reboots when the answer
/// changes, so it is the same until the owner changes it, withdraws it or it ends.
/// </summary>
public sealed class WifiLogins(Database database, IOptions<WifiLoginOptions> options, TimeProvider clock)
{
    private const int MaxNameBytes = 32;
    private const int MinPassphraseLength = 8;
    private const int MaxPassphraseLength = 63;

    /// <summary>What the table keeps of a login that has ended: nothing but the secret.</summary>
    private const string ForgetEnded = "UPDATE wifi_logins SET sealed_login = NULL, expires_at = NULL WHERE expires_at <= @now";

    private SealedCredentials? _seals;

    /// <summary>Finds what a robot with this secret is to log in to; null when there is no such secret, or nothing is left for it.</summary>
    public async Task<WifiLogin?> FindAsync(string secret)
    {
        var seals = await SealsAsync();
        await using var connection = await database.OpenAsync();
        var box = await connection.ExecuteScalarAsync<byte[]?>(
            "SELECT sealed_login FROM wifi_logins WHERE secret_digest = @digest AND expires_at > @now",
            new { digest = seals.Digest(secret), now = Now() });
        return box is null ? null : JsonSerializer.Deserialize<WifiLogin>(seals.Open(box));
    }

    /// <summary>Reads, for its owner alone, what is left for a robot; null when its owner has never left anything.</summary>
    public async Task<OwnWifiLogin?> FindForOwnerAsync(string handle)
    {
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync(ForgetEnded, new { now = Now() });
        return await ReadAsync(connection, null, handle);
    }

    /// <summary>Leaves a login for a robot, in place of an earlier one. The secret is made with the first. Null when there is no such robot.</summary>
    /// <param name="lifetime">How long it is given out; null: as the options say.</param>
    /// <exception cref="ArgumentException">The name, the password or the time breaks a rule; the message names which.</exception>
    public async Task<OwnWifiLogin?> SetAsync(string handle, WifiLogin login, TimeSpan? lifetime)
    {
        Check(login);
        if (lifetime is { } wanted && (wanted <= TimeSpan.Zero || wanted > options.Value.MaxLifetime))
        {
            throw new ArgumentException(FormattableString.Invariant($"hours: a number up to {options.Value.MaxLifetime.TotalHours} is expected."), nameof(lifetime));
        }

        var (secret, seals) = (RobotNames.NewStreamKey(), await SealsAsync());
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        await connection.ExecuteAsync(
            """
            INSERT INTO wifi_logins (robot, secret_digest, sealed_secret, sealed_login, expires_at)
            SELECT id, @digest, @secretBox, @loginBox, @expires FROM robots WHERE handle = @handle
            ON CONFLICT (robot) DO UPDATE SET sealed_login = excluded.sealed_login, expires_at = excluded.expires_at
            """,
            new
            {
                handle,
                digest = seals.Digest(secret),
                secretBox = seals.Seal(secret),
                loginBox = seals.Seal(JsonSerializer.Serialize(login)),
                expires = (clock.GetUtcNow() + (lifetime ?? options.Value.Lifetime)).ToUnixTimeMilliseconds(),
            },
            transaction);
        var stored = await ReadAsync(connection, transaction, handle);
        await transaction.CommitAsync();
        return stored;
    }

    /// <summary>Withdraws what is left for a robot. Its secret stays, for the next.</summary>
    public async Task WithdrawAsync(string handle)
    {
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync(
            "UPDATE wifi_logins SET sealed_login = NULL, expires_at = NULL WHERE robot IN (SELECT id FROM robots WHERE handle = @handle)", new { handle });
    }

    /// <summary>Gives a robot another secret; the old one finds nothing any more. Null when it has none yet.</summary>
    public async Task<OwnWifiLogin?> ReplaceSecretAsync(string handle)
    {
        var (secret, seals) = (RobotNames.NewStreamKey(), await SealsAsync());
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        await connection.ExecuteAsync(
            "UPDATE wifi_logins SET secret_digest = @digest, sealed_secret = @box WHERE robot IN (SELECT id FROM robots WHERE handle = @handle)",
            new { handle, digest = seals.Digest(secret), box = seals.Seal(secret) },
            transaction);
        var stored = await ReadAsync(connection, transaction, handle);
        await transaction.CommitAsync();
        return stored;
    }

    /// <summary>
    /// Checks what an existing robot writes into <c>wpa_supplicant.conf</c> as it is: a name of 1 to 32 bytes (IEEE 802.11,
    /// section 9.4.2.2), and a passphrase of 8 to 63 characters of ASCII or a key of 64 hexadecimal digits.
    /// </summary>
    private static void Check(WifiLogin login)
    {
        if (Encoding.UTF8.GetByteCount(login.Name) is 0 or > MaxNameBytes || login.Name.Any(character => char.IsControl(character) || character == '"'))
        {
            throw new ArgumentException($"wifi_name: 1 to {MaxNameBytes} bytes of UTF-8 without control characters and quotation marks are expected.");
        }

        var password = login.Password;
        var isPassphrase = password.Length is >= MinPassphraseLength and <= MaxPassphraseLength && password.All(character => character is >= ' ' and <= '~' and not '"');
        if (!isPassphrase && !(password.Length == MaxPassphraseLength + 1 && password.All(char.IsAsciiHexDigit)))
        {
            throw new ArgumentException(
                $"wifi_password: {MinPassphraseLength} to {MaxPassphraseLength} characters of ASCII without quotation marks, or 64 hexadecimal digits, are expected.");
        }
    }

    private async Task<OwnWifiLogin?> ReadAsync(DbConnection connection, DbTransaction? transaction, string handle)
    {
        var row = await connection.QuerySingleOrDefaultAsync<(byte[] SealedSecret, byte[]? SealedLogin, long? ExpiresAt)?>(
            "SELECT sealed_secret, sealed_login, expires_at FROM wifi_logins JOIN robots ON robots.id = wifi_logins.robot WHERE handle = @handle",
            new { handle },
            transaction);
        if (row is not var (secret, login, expires))
        {
            return null;
        }

        var seals = await SealsAsync();
        return new OwnWifiLogin(
            seals.Open(secret),
            login is null ? null : JsonSerializer.Deserialize<WifiLogin>(seals.Open(login))!.Name,
            expires is { } end ? DateTimeOffset.FromUnixTimeMilliseconds(end) : null);
    }

    private long Now() => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task<SealedCredentials> SealsAsync() => _seals ??= SealedCredentials.OfWifiLogins(await database.MasterKeyAsync());
}

/// <summary>What a robot logs in to a Wi-Fi with, under the names that existing robots read.</summary>
public sealed record WifiLogin(
    [property: JsonPropertyName("wifi_name")] string Name,
    [property: JsonPropertyName("wifi_password")] string Password);

/// <summary>What is left for a robot, as its owner sees it.</summary>
/// <param name="Secret">With what the robot asks.</param>
/// <param name="Name">The name of the Wi-Fi; null when nothing is left for it.</param>
/// <param name="ExpiresAt">When that ends.</param>
public sealed record OwnWifiLogin(
    [property: JsonPropertyName("secret")] string Secret,
    [property: JsonPropertyName("wifi_name")] string? Name,
    [property: JsonPropertyName("expires_at")] DateTimeOffset? ExpiresAt);
