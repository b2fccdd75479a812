namespace LiveRobot.Platform.Storage;

/// <summary>
/// Tells whether a data folder is in use. Every process that has its store open shares the lock; whoever is to put
/// another store in its place needs it alone. The operating system lets go of it when a process ends, however it ends.
/// </summary>
internal static class StoreLock
{
    private const string FileName = "liverobot.lock";

    /// <summary>A process that has just ended, or is starting a program, may hold the lock for a moment longer.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private const int Tries = 10;

    /// <summary>Takes part in using the store, until the result is disposed of.</summary>
    /// <exception cref="StoreException">The store is being replaced.</exception>
    public static Task<IDisposable> ShareAsync(string folder) =>
        OpenAsync(folder, FileShare.ReadWrite, $"The store in {folder} is being restored. Try again when that is done.");

    /// <summary>Takes the store for itself, until the result is disposed of.</summary>
    /// <exception cref="StoreException">Somebody uses it.</exception>
    public static Task<IDisposable> TakeAloneAsync(string folder) =>
        OpenAsync(folder, FileShare.None, $"A server, or another command, is using the store in {folder}. Stop it first.");

    private static async Task<IDisposable> OpenAsync(string folder, FileShare share, string refusal)
    {
        for (var tried = 1; ; tried++)
        {
            try
            {
                // The framework makes locks of what is shared: on Unix flock(2), exclusive where nothing is.
                return new FileStream(Path.Combine(folder, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, share, bufferSize: 0);
            }
            catch (IOException exception)
            {
                if (tried == Tries)
                {
                    throw new StoreException(refusal, exception);
                }
            }

            await Task.Delay(Pause);
        }
    }
}
