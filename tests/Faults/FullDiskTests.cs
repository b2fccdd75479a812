using System.Diagnostics;

using LiveRobot.Testing;

namespace LiveRobot.Faults;

/// <summary>The disk of the store is full.</summary>
public sealed class FullDiskTests
{
    private static readonly TimeSpan Full = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task What_cannot_be_stored_is_refused_and_all_is_well_again_when_there_is_room()
    {
        Fault.SkipUnlessLong();
        await using var disk = await SmallDisk.TryMountAsync();
        Assert.SkipWhen(disk is null, "Needs root: it mounts a small tmpfs.");
        await using var load = await Load.StartAsync(new Dictionary<string, string> { ["Storage__Directory"] = disk.Path });

        await Fault.RunAsync(FaultPlace.Stores, "disk of the store full for 10 s", load, async () =>
        {
            var filled = Stopwatch.GetTimestamp();
            await disk.FillAsync();
            await Eventually.TrueAsync(() => load.Refused.HasAnySince(filled), text: "a chat line is refused");
            await Task.Delay(Full);
            disk.Empty();
        });
    }

    /// <summary>A file system of a few megabytes in memory.</summary>
    private sealed class SmallDisk : IAsyncDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public string Path => _folder.Path;

        private string Filling => _folder.File("filling");

        /// <summary>Makes one, or gives null where that is not allowed.</summary>
        public static async Task<SmallDisk?> TryMountAsync()
        {
            var disk = new SmallDisk();
            try
            {
                await ChildProcess.RunAsync("mount", ["-t", "tmpfs", "-o", "size=32m", "liverobot-test", disk.Path]);
                return disk;
            }
            catch (InvalidOperationException)
            {
                disk._folder.Dispose();
                return null;
            }
        }

        /// <summary>Takes what room there is. What was taken of files in pieces of a page may still be written.</summary>
        public async Task FillAsync()
        {
            await using var file = new FileStream(Filling, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            var block = new byte[4096];
            try
            {
                while (true)
                {
                    await file.WriteAsync(block);
                }
            }
            catch (IOException)
            {
                // No space left on device.
            }
        }

        public void Empty() => File.Delete(Filling);

        public async ValueTask DisposeAsync()
        {
            await ChildProcess.RunAsync("umount", ["--lazy", Path]);
            _folder.Dispose();
        }
    }
}
