using System.Buffers.Text;
using System.Security.Cryptography;

namespace SocketIO;

/// <summary>Ids of sessions and sockets: 120 random bits as 20 characters of base64url. A session's is all that a poll proves itself with.</summary>
internal static class Sid
{
    private const int RandomBytes = 15;

    public static string Create()
    {
        Span<byte> random = stackalloc byte[RandomBytes];
        RandomNumberGenerator.Fill(random);
        return Base64Url.EncodeToString(random);
    }
}
