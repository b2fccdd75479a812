using System.Net;
using System.Security.Cryptography;

using Dapper;

using LiveRobot.Platform.Bus;
using LiveRobot.Platform.Limits;
using LiveRobot.Platform.Storage;

using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Robots;

/// <summary>
/// Short codes that an owner reads to a robot's client, which exchanges one for everything it needs: robot-id, stream
/// keys and a robot token. A robot has one code at a time; it can be used once.
/// </summary>
public sealed class PairingCodes(Database database, RobotDirectory robots, Changes changes, IOptions<PairingOptions> options, TimeProvider clock)
{
    /// <summary>The number of characters of a code: 29.7 bits, guessed at five tries an address within ten minutes.</summary>
    public const int Length = 6;

    /// <summary>Letters and digits that nobody takes for one another: no I, L, O, 0 and 1.</summary>
    private const string Alphabet = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";

    private readonly KeyedRate _tries = new(options.Value.TriesPerAddress, options.Value.TryInterval, clock);
    private SealedCredentials? _codes;

    /// <summary>Makes a code, in place of an earlier one of the robot. Null when there is no such robot.</summary>
    public async Task<PairingCode?> IssueAsync(string handle)
    {
        var (code, codes) = (RandomNumberGenerator.GetString(Alphabet, Length), await CodesAsync());
        var expiresAt = clock.GetUtcNow() + options.Value.CodeLifetime;
        await using var connection = await database.OpenAsync();
        var stored = await connection.ExecuteAsync(
            """
            INSERT INTO pairing_codes (robot, code_digest, expires_at) SELECT id, @digest, @expires FROM robots WHERE handle = @handle
            ON CONFLICT (robot) DO UPDATE SET code_digest = excluded.code_digest, expires_at = excluded.expires_at
            """,
            new { handle, digest = codes.Digest(code), expires = expiresAt.ToUnixTimeMilliseconds() });
        return stored > 0 ? new PairingCode(code, expiresAt) : null;
    }

    /// <summary>
    /// Uses a code up. The robot gets a new robot token, and whoever is connected by an old one is cut off. With its
    /// first token, the bare robot-id is turned off: the robot runs a client that shows the token.
    /// </summary>
    /// <param name="code">The code as somebody typed it: case, blanks and hyphens do not count.</param>
    /// <param name="address">Who tries it.</param>
    public async Task<PairingOutcome> ExchangeAsync(string code, IPAddress? address)
    {
        var key = AddressRange.Of(address).ToString();
        if (_tries.Take(key) is { } wait)
        {
            return new PairingOutcome(null, wait);
        }

        if (await UseUpAsync((await CodesAsync()).Digest(Normalize(code))) is not var (handle, token))
        {
            return new PairingOutcome(null, null);
        }

        _tries.GiveBack(key);
        return await robots.FindByHandleAsync(handle) is { } robot ? new PairingOutcome(new PairedRobot(robot, token), null) : default;
    }

    /// <summary>Gives the robot of a code its new robot token; null when there is no such code.</summary>
    private async Task<(string Handle, string Token)?> UseUpAsync(byte[] digest)
    {
        await using var connection = await database.OpenAsync();
        await using var transaction = await database.BeginAsync(connection);
        var robotOfCode = await connection.ExecuteScalarAsync<long?>(
            "DELETE FROM pairing_codes WHERE code_digest = @digest AND expires_at > @now RETURNING robot",
            new { digest, now = clock.GetUtcNow().ToUnixTimeMilliseconds() },
            transaction);
        if (robotOfCode is not { } id)
        {
            return null;
        }

        var handle = await connection.QuerySingleAsync<string>("SELECT handle FROM robots WHERE id = @id", new { id }, transaction);
        await connection.ExecuteAsync(
            "UPDATE robots SET bare_ids = 'off' WHERE id = @id AND robot_token_digest IS NULL", new { id }, transaction);
        var token = await RobotDirectory.ReplaceRobotTokenAsync(connection, transaction, changes, handle);
        await transaction.CommitAsync();
        changes.Announce();
        return (handle, token!);
    }

    private static string Normalize(string code) =>
        string.Concat(code.Where(character => character is not ('-' or ' '))).ToUpperInvariant();

    private async Task<SealedCredentials> CodesAsync() => _codes ??= SealedCredentials.OfPairingCodes(await database.MasterKeyAsync());
}

/// <summary>A pairing code that was just made.</summary>
public sealed record PairingCode(string Code, DateTimeOffset ExpiresAt);

/// <summary>What a client gets for a code.</summary>
/// <param name="Robot">The robot that it is from now on.</param>
/// <param name="RobotToken">Its new robot token, which cannot be read again.</param>
public sealed record PairedRobot(Robot Robot, string RobotToken);

/// <summary>What came of a code: a robot, or nothing; then too many were tried if there is a time to wait, else it is wrong, used or too old.</summary>
public readonly record struct PairingOutcome(PairedRobot? Paired, TimeSpan? Wait);
