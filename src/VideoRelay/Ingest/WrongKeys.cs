using System.Net;
using System.Security.Cryptography;
using System.Text;

using LiveRobot.Platform.Limits;

using Microsoft.Extensions.Options;

namespace LiveRobot.VideoRelay.Ingest;

/// <summary>
/// Remembers the wrong stream keys of the last minute by address, and refuses who tries too many without looking them
/// up. What counts against others behind the same address is different keys: a robot with one wrong key, which tries it
/// every second for ever, does not keep its neighbours out.
/// </summary>
/// <remarks>Keys are remembered as digests. Safe for several threads.</remarks>
internal sealed class WrongKeys(IOptions<VideoRelayOptions> options, TimeProvider clock)
{
    /// <summary>The addresses remembered at once. Whoever has more of them is not to be limited by address.</summary>
    public const int MaxAddresses = 10_000;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly byte[] _digestKey = RandomNumberGenerator.GetBytes(32);
    private readonly Dictionary<IPAddress, Attempts> _attempts = [];

    /// <summary>
    /// Tells whether a key is refused before it is looked up: as wrong as it was (zero), or for so long because there
    /// were too many (more than zero); null when it is to be looked up.
    /// </summary>
    public TimeSpan? Refuse(IPAddress? address, string streamKey)
    {
        lock (_attempts)
        {
            if (!_attempts.TryGetValue(AddressRange.Of(address), out var attempts) || Left(attempts) is not { } left)
            {
                return null;
            }

            var digest = Digest(streamKey);
            if (attempts.ByKey.TryGetValue(digest, out var count))
            {
                attempts.ByKey[digest] = count + 1;
                return count < options.Value.WrongKeysPerMinute ? TimeSpan.Zero : left;
            }

            return attempts.ByKey.Count < options.Value.WrongKeysPerMinute ? null : left;
        }
    }

    /// <summary>Remembers a key that was looked up and is wrong.</summary>
    public void Add(IPAddress? address, string streamKey)
    {
        lock (_attempts)
        {
            var range = AddressRange.Of(address);
            if (!_attempts.TryGetValue(range, out var attempts) || Left(attempts) is null)
            {
                if (_attempts.Count >= MaxAddresses)
                {
                    MakeRoom();
                }

                _attempts[range] = attempts = new Attempts(clock.GetTimestamp(), []);
            }

            attempts.ByKey[Digest(streamKey)] = 1;
        }
    }

    private TimeSpan? Left(Attempts attempts) =>
        Window - clock.GetElapsedTime(attempts.Since) is var left && left > TimeSpan.Zero ? left : null;

    private void MakeRoom()
    {
        foreach (var (address, attempts) in _attempts)
        {
            if (Left(attempts) is null)
            {
                _attempts.Remove(address);
            }
        }

        if (_attempts.Count >= MaxAddresses)
        {
            _attempts.Clear();
        }
    }

    private string Digest(string streamKey) =>
        Convert.ToBase64String(HMACSHA256.HashData(_digestKey, Encoding.UTF8.GetBytes(streamKey)));

    private sealed record Attempts(long Since, Dictionary<string, int> ByKey);
}
