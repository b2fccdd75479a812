using LiveRobot.Platform.Storage;
using LiveRobot.Testing;

namespace LiveRobot.Platform.Tests;

/// <summary>Text that not every store can hold.</summary>
public sealed class StoredTextTests
{
    [Fact]
    public void What_cannot_be_stored_is_replaced()
    {
        Assert.Equal("", StoredText.Clean(""));
        Assert.Equal("größer 🤖", StoredText.Clean("größer 🤖"));
        Assert.Equal("a\uFFFDb\uFFFD", StoredText.Clean("a\0b\0"));
        Assert.Equal("\uFFFD", StoredText.Clean("\uD83E"));
        Assert.Equal("\uFFFD\uFFFD", StoredText.Clean("\uDD16\uD83E"));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task Every_store_takes_it_and_finds_it_again(StoreKind kind)
    {
        await using var platform = new TestPlatform(kind);
        await platform.Robots.AddAsync("Rover", "alice");

        await platform.Robots.ChangeAsync("rover", robot => robot with { ButtonPanels = "a\0b\uD83Ec" });

        Assert.Equal("a\uFFFDb\uFFFDc", (await platform.Robots.FindByHandleAsync("rover"))!.ButtonPanels);
        Assert.Null(await platform.Robots.FindByHandleAsync("ro\0ver"));
        Assert.Null((await platform.Robots.ChangeAsync("rover", robot => robot with { ButtonPanels = null }))!.ButtonPanels);
    }
}
