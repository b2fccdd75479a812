using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;

using LiveRobot.Testing;

namespace LiveRobot.EndToEnd;

/// <summary>What <c>docs/protocol.md</c> says about existing clients, as it says it.</summary>
public sealed partial class DocumentedCurlTests
{
    private const string Password = "correct horse";

    [Fact]
    public async Task Every_curl_line_of_the_protocols_document_works()
    {
        await using var installation = await Installation.StartAsync();
        using var folder = new TemporaryFolder();
        using var owner = new HttpClient { BaseAddress = new Uri(installation.Url) };
        await JsonAsync(await owner.PostAsJsonAsync("/api/v1/register", new { username = "alice", password = Password }));
        var key = (await JsonAsync(await owner.PostAsJsonAsync("/api/v1/account/keys", new { name = "scripts" }))).GetProperty("key").GetString()!;
        var handle = (await JsonAsync(await owner.PostAsJsonAsync("/api/v1/robots", new { name = "Rover" }))).GetProperty("handle").GetString()!;
        var credentials = await JsonAsync(await owner.GetAsync(new Uri($"/api/v1/robots/{handle}/credentials", UriKind.Relative)));

        var document = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs/protocol.md"));
        var lines = CurlLine().Matches(document).Select(match => match.Value).ToArray();
        Assert.True(lines.Length >= 8, $"only {lines.Length} lines found");
        foreach (var line in lines)
        {
            var command = Placeholder().Replace(line, placeholder => placeholder.Value switch
            {
                "KEY" => key,
                "ID" => credentials.GetProperty("robot_id").GetString()!,
                "HANDLE" => handle,
                "NAME" => "alice",
                _ => Password,
            });
            var server = string.Create(CultureInfo.InvariantCulture, $"api.letsrobot.tv:8443:127.0.0.1:{installation.Port("ApiTls")}");
            await ChildProcess.RunAsync(
                "sh",
                ["-c", $"cd '{folder.Path}'; curl() {{ command curl -sS --fail-with-body --cacert '{installation.CaFile}' --connect-to '{server}' \"$@\"; }}; {command}"]);
        }

        var robot = await JsonAsync(await owner.GetAsync(new Uri($"/api/v1/robots/{handle}", UriKind.Relative)));
        Assert.Equal(
            ("Red Rover", false, false, false, true, "Lights"),
            (
                robot.GetProperty("robot_name").GetString(),
                robot.GetProperty("anonymous_control").GetBoolean(),
                robot.GetProperty("public").GetBoolean(),
                robot.GetProperty("dev_mode").GetBoolean(),
                robot.GetProperty("mute_text-to-speech").GetBoolean(),
                robot.GetProperty("button_panels")[0].GetProperty("button_panel_label").GetString()));
        Assert.Equal("I build robots.", (await installation.GetAsync("/api/v1/accounts/alice")).GetProperty("profile_description").GetString());
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            var body = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode, body);
            return JsonElement.Parse(body);
        }
    }

    /// <summary>A line that begins with curl, with those that it goes on in behind a backslash.</summary>
    [GeneratedRegex(@"^curl (?:.*\\\n)*.*$", RegexOptions.Multiline)]
    private static partial Regex CurlLine();

    [GeneratedRegex(@"\b(KEY|ID|HANDLE|NAME|PASSWORD)\b")]
    private static partial Regex Placeholder();
}
