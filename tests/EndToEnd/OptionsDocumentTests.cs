using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

using LiveRobot.Testing;

namespace LiveRobot.EndToEnd;

/// <summary>
/// <c>docs/options.md</c> lists every option with its default and what its documentation says. Run with
/// <c>LIVEROBOT_WRITE_DOCS=yes</c>, this writes the file.
/// </summary>
public sealed partial class OptionsDocumentTests
{
    private static readonly string Document = Path.Combine(Repository.Root, "docs/options.md");

    [Fact]
    public async Task Every_option_stands_in_the_document_as_it_is()
    {
        var expected = await WriteAsync();
        if (Environment.GetEnvironmentVariable("LIVEROBOT_WRITE_DOCS") == "yes")
        {
            await File.WriteAllTextAsync(Document, expected);
        }

        Assert.Equal(expected, await File.ReadAllTextAsync(Document));
    }

    private static async Task<string> WriteAsync()
    {
        var text = new StringBuilder(
            """
            # Every option

            Set them in the environment (`Ports__Api=80`), on the command line of a service (`--Ports:Api 80`), in `appsettings.json`,
            or one to a file in the directory that `Secrets:Directory` names, for what is secret (`/run/secrets/Storage__MasterKey`). A
            wrong setting stops the process with one line. Times are `hours:minutes:seconds`, with days in front where there are any:
            `90.00:00:00`. Lists are set by number: `Proxies:Trusted:0`.

            This file is written from the code by `LIVEROBOT_WRITE_DOCS=yes dotnet test tests/EndToEnd --filter OptionsDocumentTests`.

            """);
        foreach (var (section, type) in (await SectionsAsync()).OrderBy(pair => pair.Section, StringComparer.Ordinal))
        {
            var documentation = XDocument.Load(Path.ChangeExtension(type.Assembly.Location, ".xml"));
            var instance = Activator.CreateInstance(type)!;
            text.Append(CultureInfo.InvariantCulture, $"\n## {section}\n\n{Summary(documentation, $"T:{type.FullName}")}\n\n| option | default | what |\n| --- | --- | --- |\n");
            foreach (var option in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(option => option.SetMethod is { IsPublic: true } || typeof(IEnumerable).IsAssignableFrom(option.PropertyType)))
            {
                var what = Summary(documentation, $"P:{type.FullName}.{option.Name}");
                text.Append(CultureInfo.InvariantCulture, $"| `{section}:{option.Name}` | {Default(option.GetValue(instance))} | {what} |\n");
            }
        }

        return text.ToString();
    }

    /// <summary>The classes of options with their sections, as the code registers them.</summary>
    private static async Task<IReadOnlyList<(string Section, Type Type)>> SectionsAsync()
    {
        var assemblies = Directory.GetFiles(AppContext.BaseDirectory, "*.xml").Select(file => Assembly.Load(Path.GetFileNameWithoutExtension(file))).ToArray();
        var sections = new List<(string, Type)>();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories))
        {
            foreach (Match match in Registration().Matches(await File.ReadAllTextAsync(file)))
            {
                var types = assemblies.SelectMany(assembly => assembly.GetTypes()).Where(type => type.Name == match.Groups["type"].Value);
                sections.Add((match.Groups["section"].Value, Assert.Single(types)));
            }
        }

        Assert.True(sections.Count > 20, $"only {sections.Count} classes of options found");
        return sections;
    }

    private static string Summary(XDocument documentation, string member)
    {
        var summary = documentation.Descendants("member").SingleOrDefault(element => (string?)element.Attribute("name") == member)?.Element("summary");
        Assert.True(summary is not null, $"{member} has no documentation");
        foreach (var reference in summary.Descendants("see").ToArray())
        {
            reference.ReplaceWith($"`{((string?)reference.Attribute("cref") ?? (string?)reference.Attribute("langword"))!.Split('.')[^1]}`");
        }

        foreach (var code in summary.Descendants("c").ToArray())
        {
            code.ReplaceWith($"`{code.Value}`");
        }

        var text = Opening().Replace(Blanks().Replace(summary.Value, " ").Trim(), "");
        return char.ToUpperInvariant(text[0]) + text[1..].Replace("|", "\\|", StringComparison.Ordinal);
    }

    private static string Default(object? value) => value switch
    {
        null or "" => "none",
        bool yes => yes ? "`true`" : "`false`",
        string text => $"`{text}`",
        IEnumerable many => many.Cast<object>().ToArray() is { Length: > 0 } values ? string.Join(", ", values.Select(Default)) : "none",
        IFormattable number => $"`{number.ToString(null, CultureInfo.InvariantCulture)}`",
        _ => $"`{value}`",
    };

    [GeneratedRegex("""AddOptions<(?<type>\w+)>\(\)\s*\.BindConfiguration\("(?<section>[^"]+)"\)""")]
    private static partial Regex Registration();

    [GeneratedRegex("^Gets (or sets )?")]
    private static partial Regex Opening();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
