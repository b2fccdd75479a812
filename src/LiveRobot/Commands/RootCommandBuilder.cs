using System.CommandLine;

namespace LiveRobot.Commands;

/// <summary>The command line: without a command, the platform is served.</summary>
internal static class RootCommandBuilder
{
    public static RootCommand Build()
    {
        var data = new Option<DirectoryInfo>("--data")
        {
            Description = "The folder of everything that is kept.",
            DefaultValueFactory = _ => new DirectoryInfo("data"),
            Recursive = true,
        };
        var site = new Option<DirectoryInfo>("--site")
        {
            Description = "The folder of the built site.",
            DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("web", "dist")),
        };

        var root = new RootCommand("LiveRobot: people anywhere watch, drive and talk to robots.")
        {
            data,
            site,
            AccountsCommand.Build(data),
            RobotsCommand.Build(data),
            BackupCommand.BuildBackup(data),
            BackupCommand.BuildRestore(data),
            CopyCommand.Build(data),
        };
        root.SetAction((result, _) => ServeCommand.RunAsync(result.GetRequiredValue(data), result.GetRequiredValue(site)));
        return root;
    }
}
