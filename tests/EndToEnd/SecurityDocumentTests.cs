using System.Text.RegularExpressions;

using LiveRobot.Testing;

namespace LiveRobot.EndToEnd;

/// <summary><c>docs/security.md</c> names for each rule the tests that try to break it: they are there, and they run.</summary>
public sealed partial class SecurityDocumentTests
{
    [Fact]
    public async Task Each_row_of_the_security_document_names_tests_that_exist()
    {
        var tests = await TestsAsync();
        var rows = (await File.ReadAllLinesAsync(Path.Combine(Repository.Root, "docs/security.md")))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| ---", StringComparison.Ordinal) && !line.StartsWith("| what |", StringComparison.Ordinal))
            .ToArray();

        Assert.True(rows.Length > 30, $"only {rows.Length} rows found");
        foreach (var row in rows)
        {
            var columns = row.Trim('|', ' ').Split(" | ");
            Assert.True(columns.Length == 4, $"Four columns are expected: {row}");
            var named = Quoted().Matches(columns[3]).Select(match => match.Groups[1].Value).ToArray();
            Assert.True(named.Length > 0, $"No test is named: {row}");
            Assert.All(named, name => Assert.True(tests.Contains(name), $"There is no test {name}: {row}"));
        }
    }

    /// <summary>Every test of the repository as <c>Class.Method</c>, as its source has it.</summary>
    private static async Task<HashSet<string>> TestsAsync()
    {
        var tests = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories))
        {
            var source = await File.ReadAllTextAsync(file);
            foreach (Match test in TestMethod().Matches(source))
            {
                tests.Add($"{Path.GetFileNameWithoutExtension(file)}.{test.Groups[1].Value}");
            }
        }

        return tests;
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();

    /// <summary>A method behind an attribute of a test that is not skipped, and behind the rows of its data.</summary>
    [GeneratedRegex(@"^    \[(?:Fact|Theory)\]\n(?:    \[.*\]\n)*    public (?:async Task|void|Task) (\w+)\(", RegexOptions.Multiline)]
    private static partial Regex TestMethod();
}
