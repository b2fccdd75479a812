using System.Buffers.Text;
using System.ComponentModel.DataAnnotations;

namespace LiveRobot.Platform.Storage;

/// <summary>Where durable data lies, and what keeps its secrets (configuration section <c>Storage</c>).</summary>
public sealed class StorageOptions : IValidatableObject
{
    /// <summary>Gets or sets the data folder, made when missing. Defaults to <c>./data</c>.</summary>
    [Required(AllowEmptyStrings = false)]
    public string Directory { get; set; } = "./data";

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
    }
}
