using System.ComponentModel.DataAnnotations;

namespace LiveRobot.VideoRelay.Edges;

/// <summary>Relays that take feeds from each other (configuration section <c>VideoRelay:Edge</c>).</summary>
public sealed class EdgeOptions : IValidatableObject
{
    /// <summary>
    /// Gets or sets what relays prove themselves to each other with: the same on all, at least 16 characters
    /// (<c>openssl rand -base64 32</c>). Without it this relay takes feeds from encoders alone, and gives none to edges.
    /// </summary>
    [MinLength(16)]
    public string? Secret { get; set; }

    /// <summary>
    /// Gets or sets the relay that every camera is taken from which no encoder sends here, by its port for video:
    /// <c>ws://relay-1:8082</c>. Where there are slots it is not needed: a camera is taken from the node that has its slot.
    /// </summary>
    public Uri? Origin { get; set; }

    /// <summary>
    /// Gets or sets from how many viewers of a robot's video on new ones are sent to whichever relay has most room. Defaults
    /// to 2,000. When half as many are left, they are sent to the node that has the slot again.
    /// </summary>
    [Range(1, 1_000_000)]
    public int After { get; set; } = 2_000;

    /// <summary>Gets or sets how long a feed is still taken after its last viewer has left. Defaults to 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan Linger { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how soon an origin that was lost is tried again, and how often one that is not known is looked up. Defaults to 250 ms, doubled with each failure.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan RetryInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Gets or sets the longest time between two attempts. Defaults to 5 seconds; each is shortened by up to a half, by chance, so that edges do not come all at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan MaxRetryInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how long an origin may be silent, answers to pings included, before it counts as lost. Defaults to 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan OriginTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets how many edges may stand one behind another, behind this relay. Defaults to 3. A chain that is longer is
    /// sent away as a whole.
    /// </summary>
    [Range(1, 16)]
    public int MaxChain { get; set; } = 3;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Origin is not null && !(Origin.IsAbsoluteUri && Origin.Scheme is "ws" or "wss"))
        {
            yield return new ValidationResult("VideoRelay:Edge:Origin is not of the form ws://host:port.", [nameof(Origin)]);
        }

        if (Origin is not null && Secret is null)
        {
            yield return new ValidationResult("VideoRelay:Edge:Origin needs VideoRelay:Edge:Secret.", [nameof(Secret)]);
        }
    }
}
