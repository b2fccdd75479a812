using System.ComponentModel.DataAnnotations;

using StackExchange.Redis;

namespace LiveRobot.Platform.Redis;

/// <summary>The Redis that services of several processes share (configuration section <c>Redis</c>).</summary>
public sealed class RedisOptions : IValidatableObject
{
    /// <summary>
    /// Gets or sets where it is, as StackExchange.Redis writes it: <c>redis:6379,password=…,ssl=true</c>. Without it presence
    /// and the bus live in this process alone.
    /// </summary>
    public string? Configuration { get; set; }

    /// <summary>Gets or sets what all keys and channels begin with. Defaults to <c>liverobot:</c>.</summary>
    [Required(AllowEmptyStrings = true)]
    public string KeyPrefix { get; set; } = "liverobot:";

    /// <summary>Gets or sets how long an answer is waited for. Defaults to 1 second.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets how long nothing is asked after Redis did not answer, so that not everything waits for it. Defaults to 1 second.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan Rest { get; set; } = TimeSpan.FromSeconds(1);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        ConfigurationOptions? parsed = null;
        try
        {
            parsed = Configuration is null ? null : ConfigurationOptions.Parse(Configuration);
        }
        catch (ArgumentException)
        {
            // Told below; the exception may hold the password.
        }

        if (Configuration is not null && parsed is not { EndPoints.Count: > 0 })
        {
            yield return new ValidationResult("Redis:Configuration is not of the form host:port,option=value.", [nameof(Configuration)]);
        }
    }
}
