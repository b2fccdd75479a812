using System.Net;
using System.Text.Json;

using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Cluster;

/// <summary>What other nodes say of Redis when this one does not reach it.</summary>
public enum RedisWitness
{
    /// <summary>Redis is away for everybody else who could take what this node has, if there is anybody.</summary>
    AwayForAll,

    /// <summary>Somebody who could take it does not answer: the network may have been cut, with others on this side of it.</summary>
    Unknown,

    /// <summary>Another node reaches Redis: it can take what this node does not renew.</summary>
    Reached,
}

/// <summary>Asks other nodes, by their <c>/readyz/presence</c>, whether they reach Redis.</summary>
public sealed class RedisWitnesses(IOptions<ClusterOptions> options) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = options.Value.LeaseTime / 3 };

    /// <param name="rivals">The nodes that could take what this one has.</param>
    /// <param name="bystanders">All others.</param>
    public async Task<RedisWitness> AskAsync(IEnumerable<NodeState> rivals, IEnumerable<NodeState> bystanders)
    {
        var (ofRivals, ofBystanders) = (rivals.Select(AskAsync).ToArray(), bystanders.Select(AskAsync).ToArray());
        var answers = await Task.WhenAll([.. ofRivals, .. ofBystanders]);
        return answers.Contains(RedisWitness.Reached) ? RedisWitness.Reached
            : answers.Take(ofRivals.Length).Contains(RedisWitness.Unknown) ? RedisWitness.Unknown
            : RedisWitness.AwayForAll;
    }

    public void Dispose() => _http.Dispose();

    private async Task<RedisWitness> AskAsync(NodeState other)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(other.Address, "readyz/presence"));
            if (answer.StatusCode != HttpStatusCode.ServiceUnavailable)
            {
                return answer.IsSuccessStatusCode ? RedisWitness.Reached : RedisWitness.Unknown;
            }

            using var said = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync());
            return said.RootElement.GetProperty("reasons").TryGetProperty("presence", out _) ? RedisWitness.AwayForAll : RedisWitness.Reached;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or JsonException or KeyNotFoundException or InvalidOperationException or IOException)
        {
            return RedisWitness.Unknown;
        }
    }
}
