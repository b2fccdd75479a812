namespace MpegTs;

/// <summary>Finds start codes: 00 00 01 and a byte that says what begins.</summary>
internal static class StartCodes
{
    /// <summary>The length of the prefix.</summary>
    public const int PrefixSize = 3;

    /// <summary>Finds the next prefix at or after a place; -1 when there is none.</summary>
    public static int Find(ReadOnlySpan<byte> bytes, int from)
    {
        ReadOnlySpan<byte> prefix = [0, 0, 1];
        var found = bytes[from..].IndexOf(prefix);
        return found < 0 ? -1 : from + found;
    }
}
