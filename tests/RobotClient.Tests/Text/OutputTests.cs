using LiveRobot.RobotClient.Text;
using LiveRobot.Testing;

namespace LiveRobot.RobotClient.Tests.Text;

public sealed class OutputTests
{
    [Fact]
    public async Task WriteLine_OfAStranger_PutsOneCleanLine()
    {
        using var written = new StringWriter();
        var output = new Output(written, new Redaction("hush"), new LogList<Output>());

        output.WriteLine("chat [robot] bob: \u001b]0;owned\u0007 hush\nstop");
        output.Complete();
        await output.RunAsync();

        Assert.Equal($"chat [robot] bob:  ]0;owned  [secret] stop{Environment.NewLine}", written.ToString());
    }

    [Fact]
    public async Task WriteLine_WhenNobodyReads_NeitherWaitsNorGrows()
    {
        using var written = new StandingWriter();
        var output = new Output(written, new Redaction(""), new LogList<Output>());
        var printing = output.RunAsync();
        output.WriteLine("first");
        await Eventually.TrueAsync(() => written.IsStanding);

        for (var i = 0; i < 5000; i++)
        {
            output.WriteLine($"{i}");
        }

        output.Complete();
        written.Go();
        await printing;
        Assert.Equal(["first", .. Enumerable.Range(4000, 1000).Select(i => $"{i}")], written.Lines);
    }

    [Fact]
    public async Task Run_WhenTheReaderIsGone_EndsWithoutFailing()
    {
        var log = new LogList<Output>();
        var output = new Output(new BrokenWriter(), new Redaction(""), log);

        output.WriteLine("line");
        await output.RunAsync();

        Assert.Single(log.Entries);
    }

    private sealed class StandingWriter : StringWriter
    {
        private readonly TaskCompletionSource _go = new();

        public List<string?> Lines { get; } = [];

        public bool IsStanding { get; private set; }

        public void Go() => _go.SetResult();

        public override Task WriteLineAsync(string? value)
        {
            Lines.Add(value);
            IsStanding = true;
            return _go.Task;
        }
    }

    private sealed class BrokenWriter : StringWriter
    {
        public override Task WriteLineAsync(string? value) => throw new IOException("Broken pipe");
    }
}
