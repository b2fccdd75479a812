using System.Data;
using System.Text;

using Dapper;

namespace LiveRobot.Platform.Storage;

/// <summary>
/// Text on its way to the store, the same for each kind: what PostgreSQL cannot hold, U+0000 and half of a surrogate pair,
/// becomes U+FFFD, whether it is written or looked for.
/// </summary>
internal sealed class StoredText : SqlMapper.ITypeHandler
{
    /// <summary>Has every text go this way.</summary>
    public static void Register()
    {
        SqlMapper.RemoveTypeMap(typeof(string));
        SqlMapper.AddTypeHandler(typeof(string), new StoredText());
    }

    /// <summary>Gives a text as it can be stored.</summary>
    public static string Clean(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('\u0001', '\uD7FF'))
        {
            return text;
        }

        // The enumerator has U+FFFD for half of a pair.
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            clean.Append(rune.Value == 0 ? Rune.ReplacementChar : rune);
        }

        return clean.ToString();
    }

    public void SetValue(IDbDataParameter parameter, object value)
    {
        parameter.DbType = DbType.String;
        parameter.Value = value is string text ? Clean(text) : DBNull.Value;
    }

    public object? Parse(Type destinationType, object value) => value is DBNull ? null : value;
}
