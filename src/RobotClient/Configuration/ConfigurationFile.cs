namespace LiveRobot.RobotClient.Configuration;

/// <summary>
/// A file with options as the environment names them, a line each: <c>LIVEROBOT_STREAM_KEY=…</c>. The command
/// <c>pair</c> writes it; systemd reads the same form (<c>EnvironmentFile=</c>).
/// </summary>
internal static class ConfigurationFile
{
    /// <summary>The file that is read when none is named, from the folder that the program is started in.</summary>
    public const string DefaultName = "liverobot.env";

    /// <summary>Reads a file; empty when it is not there. Blank lines and those that begin with <c>#</c> do not count.</summary>
    public static IReadOnlyDictionary<string, string> Read(FileInfo? file)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        if (file is not { Exists: true })
        {
            return values;
        }

        foreach (var line in File.ReadLines(file.FullName).Select(line => line.Trim()))
        {
            var separator = line.IndexOf('=', StringComparison.Ordinal);
            if (separator > 0 && line[0] != '#')
            {
                values[line[..separator].TrimEnd()] = line[(separator + 1)..].TrimStart();
            }
        }

        return values;
    }

    /// <summary>Writes a file that nobody but its user may read: its values are secrets. One that is there is replaced, once the new one is whole.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static void Write(FileInfo file, IReadOnlyDictionary<string, string> values)
    {
        var written = file.FullName + ".new";
        using (var stream = Create(written))
        using (var writer = new StreamWriter(stream))
        {
            foreach (var (name, value) in values)
            {
                writer.WriteLine($"{name}={value}");
            }
        }

        File.Move(written, file.FullName, overwrite: true);
    }

    /// <summary>Finds out whether <see cref="Write"/> can do its work.</summary>
    /// <inheritdoc cref="Write" path="/exception"/>
    public static void CheckIsWritable(FileInfo file)
    {
        var written = file.FullName + ".new";
        Create(written).Dispose();
        File.Delete(written);
    }

    private static FileStream Create(string path)
    {
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }
}
