using System.Buffers.Text;
using System.ComponentModel.DataAnnotations;

namespace LiveRobot.Platform.Storage;

/// <summary>Where durable data lies, and what keeps its secrets (configuration section <c>Storage</c>).</summary>
public sealed class StorageOptions : IValidatableObject
{
    /// <summary>Gets or sets the data folder, made when missing: of the store, and of certificates. Defaults to <c>./data</c>.</summary>
    [Required(AllowEmptyStrings = false)]
    public string Directory { get; set; } = "./data";

    /// <summary>
    /// Gets or sets the PostgreSQL database that has the durable data, as Npgsql writes it:
    /// <c>Host=…;Database=…;Username=…</c>. Without it, it is a SQLite file in the data folder.
    /// </summary>
    public string? Postgres { get; set; }

    /// <summary>Gets or sets the password for it, where that does not stand in <see cref="Postgres"/>.</summary>
    public string? PostgresPassword { get; set; }

    /// <summary>
    /// Gets or sets the secret from which all keys are derived (stream keys, viewing tokens): at least 32 bytes of
    /// chance in base64. Without it one is made and kept in the store. It belongs to the store and cannot be changed later.
    /// </summary>
    public string? MasterKey { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MasterKey is { Length: > 0 } text && (!Base64.IsValid(text, out var length) || length < Storage.MasterKey.Length))
        {
            yield return new ValidationResult(
                $"Storage:MasterKey is not base64 of at least {Storage.MasterKey.Length} bytes.", [nameof(MasterKey)]);
        }

        if (Postgres is not null && !NamesDatabase())
        {
            yield return new ValidationResult("Storage:Postgres is not of the form Host=…;Database=…;Username=….", [nameof(Postgres)]);
        }
    }

    private bool NamesDatabase()
    {
        try
        {
            return PostgresEngine.Parse(this) is { Host.Length: > 0, Database.Length: > 0 };
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            // Told by the caller; the exception may hold the password.
            return false;
        }
    }
}
