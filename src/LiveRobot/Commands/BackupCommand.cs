using System.CommandLine;

using LiveRobot.Platform.Storage;

namespace LiveRobot.Commands;

/// <summary><c>backup</c> and <c>restore</c>: the whole store to a file and back.</summary>
internal static class BackupCommand
{
    public static Command BuildBackup(Option<DirectoryInfo> data)
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The file to write; it must not be there yet." };
        var backup = new Command("backup", "Write everything that is kept to a file, also beside a running server. The file is as secret as the data folder.") { file };
        backup.SetAction(async (result, _) =>
        {
            var written = result.GetRequiredValue(file).FullName;
            await StoreBackup.BackUpAsync(Store.SqliteOptions(result, data).Directory, written);
            Console.WriteLine($"{written} has accounts, robots with their secrets, settings and chat. The certificate (tls) is not in it, nor a Storage:MasterKey from outside.");
            return 0;
        });
        return backup;
    }

    public static Command BuildRestore(Option<DirectoryInfo> data)
    {
        var file = new Argument<FileInfo>("FILE") { Description = "What backup has written." };
        var restore = new Command("restore", "Put a backup in the place of what is kept, which is kept aside. The server must not be running. Everybody is signed out.") { file };
        restore.SetAction(async (result, _) =>
        {
            var former = await StoreBackup.RestoreAsync(Store.SqliteOptions(result, data), result.GetRequiredValue(file).FullName, TimeProvider.System);
            Console.WriteLine(former is null ? "Restored." : $"Restored. What was there before is kept as {former}");
            return 0;
        });
        return restore;
    }
}
