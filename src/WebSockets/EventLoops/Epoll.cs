using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace WebSockets.EventLoops;

/// <summary>What epoll(7) tells of a socket.</summary>
[Flags]
internal enum EpollEvents : uint
{
    /// <summary>EPOLLIN: there is something to read, or the end of it.</summary>
    Readable = 0x1,

    /// <summary>EPOLLERR: the connection is broken; always told.</summary>
    Error = 0x8,

    /// <summary>EPOLLHUP: both sides have ended; always told.</summary>
    HungUp = 0x10,

    /// <summary>EPOLLRDHUP: the peer sends nothing more.</summary>
    PeerEnded = 0x2000,

    /// <summary>EPOLLET: told once for each change, not as long as it lasts.</summary>
    EdgeTriggered = 1u << 31,
}

/// <summary>An epoll(7) instance: waits for many sockets at once. Lives as long as the process.</summary>
internal sealed partial class Epoll
{
    private const int CloseOnExec = 0x80000;
    private const int Add = 1;
    private const int Delete = 2;
    private const int Interrupted = 4;
    private const int Capacity = 128;

    // struct epoll_event: 32 bits of events, then 64 of our own; packed on x86-64 and nowhere else.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventBytes = DataOffset + sizeof(ulong);

    private readonly byte[] _events = new byte[Capacity * EventBytes];
    private readonly int _descriptor;

    public Epoll()
    {
        _descriptor = epoll_create1(CloseOnExec);
        if (_descriptor < 0)
        {
            throw new Win32Exception();
        }
    }

    /// <summary>Tells of changes of a socket from now on; at once when there is something to tell already.</summary>
    public void Watch(int socket, EpollEvents events)
    {
        Span<byte> change = stackalloc byte[EventBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(change, (uint)events);
        BinaryPrimitives.WriteInt32LittleEndian(change[DataOffset..], socket);
        if (epoll_ctl(_descriptor, Add, socket, ref MemoryMarshal.GetReference(change)) < 0)
        {
            throw new Win32Exception();
        }
    }

    /// <summary>Tells no more of a socket. One that is gone already is not told of anyhow.</summary>
    public void Forget(int socket)
    {
        Span<byte> ignored = stackalloc byte[EventBytes];
        _ = epoll_ctl(_descriptor, Delete, socket, ref MemoryMarshal.GetReference(ignored));
    }

    /// <summary>Waits until there is something to tell; gives the number of events. For one thread.</summary>
    public int Wait()
    {
        var count = epoll_wait(_descriptor, ref _events[0], Capacity, -1);
        return count >= 0 ? count : Marshal.GetLastPInvokeError() == Interrupted ? 0 : throw new Win32Exception();
    }

    /// <summary>Gets an event of the last <see cref="Wait"/>.</summary>
    public (int Socket, EpollEvents Events) this[int index]
    {
        get
        {
            var bytes = _events.AsSpan(index * EventBytes);
            return (BinaryPrimitives.ReadInt32LittleEndian(bytes[DataOffset..]), (EpollEvents)BinaryPrimitives.ReadUInt32LittleEndian(bytes));
        }
    }

#pragma warning disable IDE1006, SYSLIB1054 // The names are libc's.
    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int epoll, int operation, int socket, ref byte change);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(int epoll, ref byte events, int capacity, int timeout);
#pragma warning restore IDE1006, SYSLIB1054
}
