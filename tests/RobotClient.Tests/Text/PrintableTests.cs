using LiveRobot.RobotClient.Text;

namespace LiveRobot.RobotClient.Tests.Text;

public sealed class PrintableTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("ünïcödé 停 🤖", "ünïcödé 停 🤖")]
    [InlineData("a\u001b[31mb", "a [31mb")]
    [InlineData("a\r\nb\tc\0d\u007fe\u009bf", "a  b c d e f")]
    [InlineData("a\u2028b\u2029c", "a b c")]
    [InlineData("a\u202eb\u200bc\ufeffd", "a b c d")]
    public void From_Text_KeepsWhatIsSeenAndNothingElse(string text, string shown) =>
        Assert.Equal(shown, Printable.From(text, 100));

    [Fact]
    public void From_HalvesOfCharacters_AreBlanks() => Assert.Equal("a b c", Printable.From("a\ud800b\udc00c", 100));

    [Theory]
    [InlineData("12345", "12345")]
    [InlineData("123456", "1234…")]
    [InlineData("🤖🤖🤖🤖🤖", "🤖🤖🤖🤖🤖")]
    [InlineData("🤖🤖🤖🤖🤖🤖", "🤖🤖🤖🤖…")]
    public void From_TextAtItsLimitAndOneOver_IsCutBetweenCharacters(string text, string shown) =>
        Assert.Equal(shown, Printable.From(text, 5));
}
