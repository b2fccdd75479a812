namespace LiveRobot.Platform.Storage;

/// <summary>
/// Tells whether a data folder is in use. Every process that has its store open shares the lock; whoever is to put
/// another store in its place needs it alone. The operating system lets go of it when a process ends, however it ends.
/// </summary>
internal static class StoreLock
{
    private const string FileName = "liverobot.lock";

    /// <summary>Takes part in using the store, until the result is disposed of.</summary>
    /// <exception cref="StoreException">The store is being replaced.</exception>
    public static IDisposable Share(string folder)
    {
        try
        {
            return Open(folder, FileShare.ReadWrite);
        }
        catch (IOException exception)
        {
            throw new StoreException($"The store in {folder} is being restored. Try again when that is done.", exception);
        }
    }

    /// <summary>Takes the store for itself, until the result is disposed of.</summary>
    /// <exception cref="StoreException">Somebody uses it.</exception>
    public static IDisposable TakeAlone(string folder)
    {
        try
        {
            return Open(folder, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new StoreException($"A server, or another command, is using the store in {folder}. Stop it first.", exception);
        }
    }

    /// <summary>The framework makes locks of these: on Unix flock(2), exclusive where nothing is shared.</summary>
    private static FileStream Open(string folder, FileShare share) =>
        new(Path.Combine(folder, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, share, bufferSize: 0);
}
