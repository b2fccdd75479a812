using System.Security.Cryptography;
using System.Text;

using LiveRobot.Platform.Storage;

namespace LiveRobot.Platform.Robots;

/// <summary>
/// The forms in which robot-ids and stream keys are stored: a digest, by which they are found, and sealed, for their
/// owner to read. Neither can be told from a stolen store without the master key.
/// </summary>
/// <param name="master">The master key.</param>
/// <param name="digests">The purpose for which the digests' key is derived.</param>
/// <param name="seals">The purpose for which the seals' key is derived.</param>
internal sealed class SealedCredentials(MasterKey master, string digests, string seals)
{
    private readonly byte[] _digestKey = master.Derive(digests);
    private readonly byte[] _sealKey = master.Derive(seals);

    public static SealedCredentials OfStreamKeys(MasterKey master) => new(master, "stream key digests", "stream keys");

    public static SealedCredentials OfRobotIds(MasterKey master) => new(master, "robot-id digests", "robot-ids");

    /// <summary>Pairing codes are only ever found, never read: the key keeps a stolen store from trying out all of them.</summary>
    public static SealedCredentials OfPairingCodes(MasterKey master) => new(master, "pairing code digests", "pairing codes");

    public static SealedCredentials OfWifiLogins(MasterKey master) => new(master, "Wi-Fi secret digests", "Wi-Fi logins");

    /// <summary>The form by which a credential is found: HMAC-SHA-256.</summary>
    public byte[] Digest(string credential) => HMACSHA256.HashData(_digestKey, Encoding.UTF8.GetBytes(credential));

    /// <summary>The same as text, in base64.</summary>
    public string TextDigest(string credential) => Convert.ToBase64String(Digest(credential));

    /// <summary>Seals a credential: nonce, tag and text of AES-256-GCM.</summary>
    public byte[] Seal(string credential)
    {
        var text = Encoding.UTF8.GetBytes(credential);
        var (nonceLength, tagLength) = (AesGcm.NonceByteSizes.MaxSize, AesGcm.TagByteSizes.MaxSize);
        var box = new byte[nonceLength + tagLength + text.Length];
        var nonce = box.AsSpan(0, nonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_sealKey, tagLength);
        aes.Encrypt(nonce, text, box.AsSpan(nonceLength + tagLength), box.AsSpan(nonceLength, tagLength));
        return box;
    }

    /// <summary>Reads a sealed credential.</summary>
    /// <exception cref="CryptographicException">It was sealed with another key, or changed.</exception>
    public string Open(ReadOnlySpan<byte> box)
    {
        var (nonceLength, tagLength) = (AesGcm.NonceByteSizes.MaxSize, AesGcm.TagByteSizes.MaxSize);
        var text = new byte[box.Length - nonceLength - tagLength];
        using var aes = new AesGcm(_sealKey, tagLength);
        aes.Decrypt(box[..nonceLength], box[(nonceLength + tagLength)..], box.Slice(nonceLength, tagLength), text);
        return Encoding.UTF8.GetString(text);
    }
}
