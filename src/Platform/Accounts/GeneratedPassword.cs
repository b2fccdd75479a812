using System.Security.Cryptography;

namespace LiveRobot.Platform.Accounts;

/// <summary>Passwords that an administrator hands to people.</summary>
public static class GeneratedPassword
{
    /// <summary>Without letters and digits that are taken for one another.</summary>
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    private const int Length = 16;

    public static string New() => RandomNumberGenerator.GetString(Alphabet, Length);
}
