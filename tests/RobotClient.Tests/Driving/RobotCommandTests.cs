using System.Text.Json;

using LiveRobot.RobotClient.Driving;

namespace LiveRobot.RobotClient.Tests.Driving;

public sealed class RobotCommandTests
{
    [Fact]
    public void TryRead_TheDocumentsFiveFields_GivesTheCommand()
    {
        var json = JsonElement.Parse("""{"robot_id":"123","command":"F","user":"ada","key_position":"down","anonymous":false}""");

        Assert.True(RobotCommand.TryRead(json, "123", out var command));
        Assert.Equal(new RobotCommand("F", "down", "ada"), command);
        Assert.Equal("F down", command.ToString());
    }

    [Theory]
    [InlineData("""{"command":"F"}""", "F", "anonymous")]
    [InlineData("""{"command":"F","user":"","key_position":"","anonymous":true}""", "F", "anonymous")]
    [InlineData("""{"command":"F","key_position":"sideways","user":7}""", "F", "anonymous")]
    [InlineData("""{"command":"stop","key_position":"up","user":"ada"}""", "stop", "ada")]
    public void TryRead_WithLessOrOddFields_ReadsThemAsEmpty(string json, string shown, string user)
    {
        Assert.True(RobotCommand.TryRead(JsonElement.Parse(json), "123", out var command));
        Assert.Equal((shown, user), (command.ToString(), command.User));
    }

    [Theory]
    [InlineData("""{"robot_id":"456","command":"F","key_position":"down"}""")]
    [InlineData("""{"robot_id":"123","key_position":"down"}""")]
    [InlineData("""{"command":""}""")]
    [InlineData("""{"command":5}""")]
    [InlineData("null")]
    [InlineData("\"F\"")]
    public void TryRead_WhatIsNoCommandForThisRobot_IsFalse(string json) =>
        Assert.False(RobotCommand.TryRead(JsonElement.Parse(json), "123", out _));

    [Theory]
    [InlineData(RobotCommand.LongestCommand, true)]
    [InlineData(RobotCommand.LongestCommand + 1, false)]
    public void TryRead_ACommandAtTheLimitAndOneOver_IsReadOrNot(int length, bool isRead) =>
        Assert.Equal(isRead, RobotCommand.TryRead(JsonSerializer.SerializeToElement(new { command = new string('F', length) }), "123", out _));
}
