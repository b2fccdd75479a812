using System.Text.Json;
using System.Text.RegularExpressions;

using LiveRobot.Testing;

namespace LiveRobot.Cluster;

/// <summary>What docker-compose.yml starts, so that tests can start the same without containers.</summary>
internal sealed class ComposeFile
{
    private ComposeFile(IReadOnlyList<Node> nodes) => Nodes = nodes;

    /// <summary>Gets the containers of <c>docker-compose up</c> that run a program of ours.</summary>
    public IReadOnlyList<Node> Nodes { get; }

    /// <summary>Reads the file as docker-compose understands it, with what it takes from the environment.</summary>
    public static async Task<ComposeFile> ReadAsync(string host)
    {
        var json = await ChildProcess.RunAsync(
            "sh",
            ["-c", "docker-compose config | /usr/bin/python3 -c 'import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)'"],
            new Dictionary<string, string> { ["LIVEROBOT_HOST"] = host });
        var services = JsonElement.Parse(json).GetProperty("services").EnumerateObject();
        var programs = ProgramsOfStages(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "Dockerfile")));
        return new ComposeFile(
        [
            .. from service in services
               where service.Value.TryGetProperty("build", out _) && !service.Value.TryGetProperty("profiles", out _)
               let stage = service.Value.GetProperty("build").GetProperty("target").GetString()!
               select new Node(
                   service.Name,
                   programs[stage],
                   service.Value.GetProperty("environment").EnumerateObject().ToDictionary(variable => variable.Name, variable => variable.Value.ToString())),
        ]);
    }

    /// <summary>Reads from the Dockerfile which program each of its stages runs.</summary>
    private static Dictionary<string, string> ProgramsOfStages(string dockerfile) =>
        Regex.Matches(dockerfile, """AS (?<stage>\w+)\n(?:(?!FROM )[^\n]*\n)*?ENTRYPOINT \["dotnet", "(?<program>\w+)\.dll"\]""")
            .ToDictionary(match => match.Groups["stage"].Value, match => match.Groups["program"].Value);

    /// <summary>A container: its name on the network, the program in it, and its environment.</summary>
    internal sealed record Node(string Name, string Program, IReadOnlyDictionary<string, string> Environment);
}
