using System.CommandLine;

using LiveRobot.Platform.Storage;

namespace LiveRobot.Commands;

/// <summary><c>copy-to-postgres</c>: moves an installation from SQLite to PostgreSQL.</summary>
internal static class CopyCommand
{
    public static Command Build(Option<DirectoryInfo> data)
    {
        var copy = new Command(
            "copy-to-postgres",
            "Copy everything that is kept in the data folder to the empty PostgreSQL database of the setting Storage:Postgres. No server may be running on either.");
        copy.SetAction(async (result, _) =>
        {
            var counts = await StoreCopy.ToPostgresAsync(Store.Options(result, data));
            foreach (var (table, rows) in counts)
            {
                Console.WriteLine($"{rows,10}  {table}");
            }

            Console.WriteLine(
                $"Copied and counted in both: {counts.Values.Sum()} rows. Start all services with Storage:Postgres from now on, and with the same Storage:MasterKey if there is one. What is in the data folder stays as it is.");
            return 0;
        });
        return copy;
    }
}
