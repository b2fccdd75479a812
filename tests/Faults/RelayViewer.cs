using System.Net.WebSockets;

namespace LiveRobot.Faults;

/// <summary>Somebody who watches a camera as the site's player does: one WebSocket, and another half a second after it has ended.</summary>
internal sealed class RelayViewer : IAsyncDisposable
{
    /// <summary>The site's first step of coming back; it begins there again after every frame.</summary>
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(8);

    private readonly CancellationTokenSource _end = new();
    private readonly Task _watching;

    public RelayViewer(Uri feed) => _watching = WatchAsync(feed);

    /// <summary>Gets when frames came.</summary>
    public Timeline Frames { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching;
        _end.Dispose();
    }

    private async Task WatchAsync(Uri feed)
    {
        var buffer = new byte[64 * 1024];
        var backoff = FirstBackoff;
        while (!_end.IsCancellationRequested)
        {
            try
            {
                using var socket = new ClientWebSocket();
#pragma warning disable CA5359 // Whom it trusts is not what is measured.
                socket.Options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
                await socket.ConnectAsync(feed, _end.Token);
                while (await socket.ReceiveAsync(buffer, _end.Token) is { MessageType: not WebSocketMessageType.Close } part)
                {
                    if (part.EndOfMessage)
                    {
                        Frames.Add();
                        backoff = FirstBackoff;
                    }
                }
            }
            catch (WebSocketException)
            {
                // It comes again.
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(backoff, _end.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
            backoff = backoff * 2 < LongestBackoff ? backoff * 2 : LongestBackoff;
        }
    }
}
