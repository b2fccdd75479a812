using System.CommandLine;

using LiveRobot.Platform;
using LiveRobot.Platform.Storage;

using Microsoft.Extensions.Options;

namespace LiveRobot.Commands;

/// <summary>What commands work on: the platform's services on the data folder, with no server around them.</summary>
internal static class Store
{
    public static IServiceProvider Open(ParseResult result, Option<DirectoryInfo> data)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration["Storage:Directory"] = result.GetRequiredValue(data).FullName;
        builder.AddPlatform();
        return builder.Build().Services;
    }

    /// <summary>Where the store lies and what keeps its secrets, for commands that do not open it.</summary>
    public static StorageOptions Options(ParseResult result, Option<DirectoryInfo> data) =>
        Open(result, data).GetRequiredService<IOptions<StorageOptions>>().Value;

    /// <summary>The same for commands that work on the file of SQLite.</summary>
    /// <exception cref="StoreException">The settings say that the store is in PostgreSQL.</exception>
    public static StorageOptions SqliteOptions(ParseResult result, Option<DirectoryInfo> data) => Options(result, data) is { Postgres: null } options
        ? options
        : throw new StoreException("The store is in PostgreSQL (Storage:Postgres), which has pg_dump and pg_restore for this: see docs/operations.md.");

    /// <summary>Tells the command's user why it was not done; gives the exit code.</summary>
    public static async Task<int> FailAsync(string message)
    {
        await Console.Error.WriteLineAsync(message);
        return 1;
    }

    /// <summary>Tells of a wrong argument, without the name of the parameter, which .NET puts behind.</summary>
    public static Task<int> FailAsync(ArgumentException exception) => FailAsync(exception.Message.Split(" (Parameter")[0]);
}
