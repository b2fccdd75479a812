namespace LiveRobot.Testing;

/// <summary>Where the repository lies, for tests of its scripts and clients.</summary>
public static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>The assembly of one of our programs, which the tests' project builds.</summary>
    public static string Program(string name) => Path.Combine(Root, $"artifacts/bin/{name}/debug/{name}.dll");

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "LiveRobot.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("LiveRobot.sln is in no folder above the tests.");
    }
}
