using LiveRobot.RobotClient.Text;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LiveRobot.RobotClient.Tests.Text;

public sealed class RedactionTests
{
    [Fact]
    public void Apply_ToAnAddress_TakesTheSecretOutAsItIsAndEscaped()
    {
        var redaction = new Redaction("ab cd/ef");

        Assert.Equal("http://relay:1/[secret]/640/480/: refused, [secret]", redaction.Apply("http://relay:1/ab%20cd%2Fef/640/480/: refused, ab cd/ef"));
    }

    [Fact]
    public void Apply_WhenOneSecretIsPartOfAnother_LeavesNoPiece()
    {
        var redaction = new Redaction("key", "key123");

        Assert.Equal("[secret] [secret]", redaction.Apply("key123 key"));
    }

    [Fact]
    public void Apply_WithAnEmptySecret_ChangesNothing() => Assert.Equal("text", new Redaction("").Apply("text"));

    [Fact]
    public void Formatter_OfAnExceptionWithASecret_WritesOneLineWithoutIt()
    {
        var formatter = new RedactingFormatter(new Redaction("hush"), TimeProvider.System);
        var entry = new LogEntry<string>(LogLevel.Error, "category", default, "it \u001b[31mfailed", new InvalidOperationException("at hush\nand on"), (state, _) => state);
        using var written = new StringWriter();

        formatter.Write(entry, null, written);

        var line = written.ToString();
        Assert.Contains("error: it  [31mfailed System.InvalidOperationException: at [secret] and on", line);
        Assert.Single(line.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
