using System.ComponentModel.DataAnnotations;
using System.Net;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;

using IPNetwork = System.Net.IPNetwork;

namespace LiveRobot.Platform.Hosting;

/// <summary>The proxies in front of the listeners (configuration section <c>Proxies</c>).</summary>
public sealed class ProxyOptions : IValidatableObject
{
    /// <summary>
    /// Gets the addresses (<c>10.0.0.5</c>) and networks (<c>10.0.0.0/8</c>) of proxies whose <c>X-Forwarded-For</c> and
    /// <c>X-Forwarded-Proto</c> are believed. Defaults to none: everybody can write these headers, so from anybody else
    /// they count for nothing.
    /// </summary>
    public IList<string> Trusted { get; } = [];

    /// <summary>
    /// Gets or sets the path under which a front serves the site, such as <c>/robots</c>; the front passes it on as it is.
    /// Defaults to none. Everything is there without it, too: robots go on asking for the addresses that are built into them.
    /// </summary>
    [RegularExpression("(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*", ErrorMessage = "Proxies:PathBase: a path such as /robots is expected, without a slash at its end.")]
    public string PathBase { get; set; } = "";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        from proxy in Trusted
        where !IPAddress.TryParse(proxy, out _) && !IPNetwork.TryParse(proxy, out _)
        select new ValidationResult($"Proxies:Trusted: {proxy} is neither an address nor a network such as 10.0.0.0/8.", [nameof(Trusted)]);

    /// <summary>Tells the framework which headers to believe, and from whom.</summary>
    internal ForwardedHeadersOptions ToForwardedHeaders()
    {
        var options = new ForwardedHeadersOptions
        {
            // Without any proxy to know, the framework would believe everybody.
            ForwardedHeaders = Trusted.Count == 0 ? ForwardedHeaders.None : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,

            // However many stand in a row: each but the first is named by one that is trusted.
            ForwardLimit = null,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var proxy in Trusted)
        {
            if (IPAddress.TryParse(proxy, out var address))
            {
                options.KnownProxies.Add(address);
            }
            else
            {
                options.KnownIPNetworks.Add(IPNetwork.Parse(proxy));
            }
        }

        return options;
    }
}
