using System.Text.Json;

using LiveRobot.RobotClient.Text;

namespace LiveRobot.RobotClient.Tests.Text;

public sealed class ChatLineTests
{
    [Theory]
    [InlineData("""{"name":"ada","message":"[Rover] hello there"}""", "chat [Rover] ada: hello there")]
    [InlineData("""{"name":"ada","message":"[Rover] a ] b"}""", "chat [Rover] ada: a ] b")]
    [InlineData("""{"name":"ada","message":"no robot"}""", "chat ada: no robot")]
    [InlineData("""{"name":"ada","message":"[open"}""", "chat ada: [open")]
    [InlineData("""{"name":"","message":""}""", "chat : ")]
    public void From_AMessage_PutsTheNameAfterTheRobots(string json, string line) =>
        Assert.Equal(line, ChatLine.From(JsonElement.Parse(json)));

    [Theory]
    [InlineData("""{"name":"ada"}""")]
    [InlineData("""{"name":1,"message":"x"}""")]
    [InlineData("""{"name":"ada","message":null}""")]
    [InlineData("\"text\"")]
    [InlineData("[]")]
    public void From_WhatIsNoMessage_IsNothing(string json) => Assert.Null(ChatLine.From(JsonElement.Parse(json)));

    [Fact]
    public void From_AnEventWithoutArgument_IsNothing() => Assert.Null(ChatLine.From(default));
}
