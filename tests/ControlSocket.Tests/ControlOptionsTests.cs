using Microsoft.Extensions.Options;

namespace LiveRobot.ControlSocket.Tests;

public sealed class ControlOptionsTests
{
    [Theory]
    [InlineData("HoldTimeout", "00:00:00")]
    [InlineData("FirstReleaseRepeat", "00:00:00")]
    [InlineData("SecondReleaseRepeat", "00:02:00")]
    [InlineData("SecondReleaseRepeat", "00:00:00.200")]
    [InlineData("StartGuard", "-00:00:01")]
    [InlineData("MaxCommandAge", "00:00:00")]
    [InlineData("NotReadingAfter", "00:00:00")]
    [InlineData("ProofAge", "-00:00:01")]
    [InlineData("ProveFor", "-00:00:01")]
    [InlineData("AcknowledgeTimeout", "00:00:00")]
    [InlineData("MaxUnreadBytes", "0")]
    [InlineData("MaxCommandLength", "0")]
    [InlineData("CommandsPerSecond", "0")]
    [InlineData("RobotCommandsPerSecond", "0")]
    [InlineData("HoldsPerViewer", "0")]
    [InlineData("ViewersPerRobot", "0")]
    [InlineData("LatencyInterval", "00:00:00.049")]
    [InlineData("LatencyInterval", "00:10:00.001")]
    public async Task A_setting_that_makes_no_sense_is_refused_at_start_by_name(string name, string value)
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => ControlServer.StartAsync($"Control:{name}={value}"));

        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
    }
}
