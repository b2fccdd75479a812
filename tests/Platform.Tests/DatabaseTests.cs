using LiveRobot.Platform.Storage;
using LiveRobot.Testing;

using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Tests;

public sealed class DatabaseTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Database _database;

    public DatabaseTests() => _database = new Database(Options.Create(new StorageOptions { Directory = _folder.Path }));

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    [Fact]
    public async Task OpenAsync_OnAThreadThatMustNotBlock_GoesOnInThePool()
    {
        await using var first = await _database.OpenAsync();

        var wentOnInThePool = await Task.Factory.StartNew(
            async () =>
            {
                Assert.False(Thread.CurrentThread.IsThreadPoolThread);
                await using var connection = await _database.OpenAsync();
                return Thread.CurrentThread.IsThreadPoolThread;
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Unwrap();

        Assert.True(wentOnInThePool);
    }
}
