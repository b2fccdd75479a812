using System.Net;
using System.Text.Json;

using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Cluster;

/// <summary>What other nodes say of Redis when this one does not reach it.</summary>
public enum RedisWitness
{
    /// <summary>Nobody else is there, or Redis is away for others too: nobody can take what this node has.</summary>
    AwayForAll,

    /// <summary>Others are there, and none of them answers.</summary>
    Unknown,

    /// <summary>Another node reaches Redis: it can take what this node does not renew.</summary>
    Reached,
}

/// <summary>Asks other nodes, by their <c>/readyz</c>, whether they reach Redis.</summary>
public sealed class RedisWitnesses(IOptions<ClusterOptions> options) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = options.Value.LeaseTime / 3 };

    public async Task<RedisWitness> AskAsync(IEnumerable<NodeState> others)
    {
        var answers = await Task.WhenAll(others.Select(AskAsync));
        return answers.Length == 0 ? RedisWitness.AwayForAll
            : answers.Contains(RedisWitness.Reached) ? RedisWitness.Reached
            : answers.Contains(RedisWitness.AwayForAll) ? RedisWitness.AwayForAll
            : RedisWitness.Unknown;
    }

    public void Dispose() => _http.Dispose();

    private async Task<RedisWitness> AskAsync(NodeState other)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(other.Address, "readyz"));
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
