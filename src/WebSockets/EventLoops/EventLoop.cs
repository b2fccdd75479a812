using System.Collections.Concurrent;
using System.Net.Sockets;

namespace WebSockets.EventLoops;

/// <summary>
/// A thread that waits for many sockets at once and does what they are ready for, one after the other. What the
/// handlers of one round send is put together and written when the round ends.
/// </summary>
/// <remarks>
/// What runs here must not block: all other connections of the loop wait for it. There are as many loops as processors,
/// and connections are dealt out to them in turn.
/// </remarks>
internal sealed class EventLoop
{
    private static readonly Lazy<EventLoop[]> All = new(static () => [.. Enumerable.Range(0, Environment.ProcessorCount).Select(static number => new EventLoop(number))]);
    private static uint _lastDealt;

    [ThreadStatic]
    private static EventLoop? _current;

    private readonly Epoll _epoll = new();
    private readonly ConcurrentDictionary<int, IEventLoopSocket> _sockets = new();
    private readonly List<FrameWriter> _writers = [];

    private EventLoop(int number) => new Thread(Run) { IsBackground = true, Name = $"Event loop {number}" }.Start();

    /// <summary>Gets whether the platform has epoll(7).</summary>
    public static bool IsSupported => OperatingSystem.IsLinux();

    /// <summary>Gets the loop whose thread this is, if it is one's.</summary>
    public static EventLoop? Current => _current;

    /// <summary>Gets the loop for a new connection.</summary>
    public static EventLoop Next() => All.Value[Interlocked.Increment(ref _lastDealt) % All.Value.Length];

    /// <summary>Tells <paramref name="told"/> of what happens to a socket, until <see cref="Forget"/>.</summary>
    public void Watch(Socket socket, IEventLoopSocket told)
    {
        var descriptor = Descriptor(socket);
        _sockets[descriptor] = told;
        _epoll.Watch(descriptor, EpollEvents.Readable | EpollEvents.PeerEnded | EpollEvents.EdgeTriggered);
    }

    /// <summary>Forgets a socket, which must not be closed yet: its number may be another's then.</summary>
    public void Forget(Socket socket)
    {
        var descriptor = Descriptor(socket);
        _epoll.Forget(descriptor);
        _sockets.TryRemove(descriptor, out _);
    }

    /// <summary>Calls <see cref="FrameWriter.WriteDeferred"/> when the round ends. For the loop's own thread.</summary>
    public void WriteAtEndOfRound(FrameWriter writer) => _writers.Add(writer);

    private static int Descriptor(Socket socket) => (int)socket.SafeHandle.DangerousGetHandle();

    private void Run()
    {
        _current = this;
        while (true)
        {
            var count = _epoll.Wait();
            for (var i = 0; i < count; i++)
            {
                var (descriptor, events) = _epoll[i];
                if (_sockets.TryGetValue(descriptor, out var told))
                {
                    told.OnEvents(events);
                }
            }

            // Writing may wake somebody who sends more.
            for (var i = 0; i < _writers.Count; i++)
            {
                _writers[i].WriteDeferred();
            }

            _writers.Clear();
        }
    }
}

/// <summary>Who is told of what happens to a socket, in the loop that watches it.</summary>
internal interface IEventLoopSocket
{
    void OnEvents(EpollEvents events);
}
