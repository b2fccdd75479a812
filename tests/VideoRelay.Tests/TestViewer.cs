using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;

namespace LiveRobot.VideoRelay.Tests;

/// <summary>A viewer with the platform's own WebSocket client, which keeps all it gets.</summary>
internal sealed class TestViewer : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly List<byte[]> _messages = [];
    private readonly List<(int Before, string Text)> _texts = [];
    private readonly List<long> _arrivals = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _receiving = Task.CompletedTask;

    /// <summary>Gets the messages so far.</summary>
    public IReadOnlyList<byte[]> Messages
    {
        get
        {
            lock (_messages)
            {
                return [.. _messages];
            }
        }
    }

    /// <summary>Gets when each message came, as timestamps of <see cref="Stopwatch"/>.</summary>
    public IReadOnlyList<long> Arrivals
    {
        get
        {
            lock (_messages)
            {
                return [.. _arrivals];
            }
        }
    }

    /// <summary>Gets all bytes so far: a transport stream.</summary>
    public byte[] Bytes => [.. Messages.SelectMany(message => message)];

    /// <summary>Gets the number of all bytes so far.</summary>
    public long Length
    {
        get
        {
            lock (_messages)
            {
                return _messages.Sum(message => (long)message.Length);
            }
        }
    }

    public int Count
    {
        get
        {
            lock (_messages)
            {
                return _messages.Count;
            }
        }
    }

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    public string? CloseReason => _socket.CloseStatusDescription;

    public bool Ended => _receiving.IsCompleted;

    /// <summary>Gets the text messages so far, each with the number of binary messages before it.</summary>
    public IReadOnlyList<(int Before, string Text)> Texts
    {
        get
        {
            lock (_messages)
            {
                return [.. _texts];
            }
        }
    }

    /// <summary>Gets the subprotocol that the relay took.</summary>
    public string? Subprotocol => _socket.SubProtocol;

    public static async Task<TestViewer> ConnectAsync(Uri url, params string[] subprotocols)
    {
        var viewer = new TestViewer();
        foreach (var subprotocol in subprotocols)
        {
            viewer._socket.Options.AddSubProtocol(subprotocol);
        }

        await viewer._socket.ConnectAsync(url, CancellationToken.None);
        viewer._receiving = viewer.ReceiveAsync();
        return viewer;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _receiving;
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[64 * 1024];
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                var result = await _socket.ReceiveAsync(buffer, _stop.Token);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                message.Write(buffer, 0, result.Count);
                if (result.EndOfMessage)
                {
                    lock (_messages)
                    {
                        if (result.MessageType == WebSocketMessageType.Text)
                        {
                            _texts.Add((_messages.Count, Encoding.UTF8.GetString(message.ToArray())));
                        }
                        else
                        {
                            _messages.Add(message.ToArray());
                            _arrivals.Add(Stopwatch.GetTimestamp());
                        }
                    }

                    message.SetLength(0);
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException)
        {
            // The end of the test, or of the connection.
        }
    }
}
