using System.Security.Cryptography;
using System.Text;

using LiveRobot.Platform.Storage;

namespace LiveRobot.Platform.Robots;

/// <summary>
/// The forms in which stream keys are stored: a digest, by which they are found, and sealed, for their owner to read.
/// Neither can be told from a stolen store without the master key.
/// </summary>
internal sealed class StreamKeys(MasterKey master)
{
    private readonly byte[] _digestKey = master.Derive("stream key digests");
    private readonly byte[] _sealKey = master.Derive("stream keys");

    /// <summary>The form by which a stream key is found: HMAC-SHA-256.</summary>
    public byte[] Digest(string streamKey) => HMACSHA256.HashData(_digestKey, Encoding.UTF8.GetBytes(streamKey));

    /// <summary>Seals a stream key: nonce, tag and text of AES-256-GCM.</summary>
    public byte[] Seal(string streamKey)
    {
        var text = Encoding.UTF8.GetBytes(streamKey);
        var (nonceLength, tagLength) = (AesGcm.NonceByteSizes.MaxSize, AesGcm.TagByteSizes.MaxSize);
        var box = new byte[nonceLength + tagLength + text.Length];
        var nonce = box.AsSpan(0, nonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_sealKey, tagLength);
        aes.Encrypt(nonce, text, box.AsSpan(nonceLength + tagLength), box.AsSpan(nonceLength, tagLength));
        return box;
    }

    /// <summary>Reads a sealed stream key.</summary>
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
