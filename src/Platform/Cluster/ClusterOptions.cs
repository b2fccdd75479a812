using System.ComponentModel.DataAnnotations;

namespace LiveRobot.Platform.Cluster;

/// <summary>How several processes serve one installation together (configuration section <c>Cluster</c>).</summary>
public sealed class ClusterOptions : IValidatableObject
{
    private const int MaxSlots = 10_000;

    /// <summary>Gets or sets the name of this process among all. Defaults to the machine's name, the service and the process id.</summary>
    [RegularExpression("[A-Za-z0-9._-]{1,100}")]
    public string? Node { get; set; }

    /// <summary>
    /// Gets or sets where the other nodes reach this one over HTTP: <c>http://10.0.0.5:8021</c>. Defaults to the machine's
    /// name and the service's first port.
    /// </summary>
    public Uri? Address { get; set; }

    /// <summary>
    /// Gets the slots by their numbers: the public addresses that robots are told and that never change for them. There is
    /// always a slot 0 when there is any, because robots that were made before have it. Without slots each service runs
    /// once, and has all robots.
    /// </summary>
    public IDictionary<int, SlotAddresses> Slots { get; } = new Dictionary<int, SlotAddresses>();

    /// <summary>Gets or sets how long a slot stays with a node that is silent. It is renewed at a third of it. Defaults to 3 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.300", "00:01:00")]
    public TimeSpan LeaseTime { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Gets or sets how long another node has at least two slots fewer before a node hands it one, whose robots and viewers
    /// then come again there. Defaults to 5 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan BalanceTime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Gets or sets how long a node that ends still serves who is connected after it has given its slots away, so that the
    /// front finds the node that has them now before anybody has to come again. Defaults to 1 second.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan HandOverTime { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets the longest time that a node takes to end. Defaults to 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan DrainTime { get; set; } = TimeSpan.FromSeconds(10);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Slots.Count > 0 && !Slots.ContainsKey(0))
        {
            yield return new ValidationResult("Cluster:Slots has no slot 0.", [nameof(Slots)]);
        }

        if (Address is { } address && (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https")))
        {
            yield return new ValidationResult("Cluster:Address is not of the form http://host:port.", [nameof(Address)]);
        }

        foreach (var (number, addresses) in Slots)
        {
            if (number is < 0 or >= MaxSlots)
            {
                yield return new ValidationResult($"Cluster:Slots:{number} is not a number from 0 to {MaxSlots - 1}.", [nameof(Slots)]);
            }

            foreach (var error in addresses.Validate())
            {
                yield return new ValidationResult($"Cluster:Slots:{number}:{error}", [nameof(Slots)]);
            }
        }

        if (HandOverTime >= DrainTime)
        {
            yield return new ValidationResult("Cluster:HandOverTime is not shorter than Cluster:DrainTime.", [nameof(HandOverTime)]);
        }
    }
}
