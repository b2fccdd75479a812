using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LiveRobot.VideoRelay.Tests;

/// <summary>An encoder that a test leads by hand: a chunked request like ffmpeg's, in the bytes that ffmpeg sends.</summary>
internal sealed class TestEncoder : IAsyncDisposable
{
    private readonly TcpClient _client = new();

    private Stream Stream => _client.GetStream();

    public static async Task<TestEncoder> ConnectAsync(string url, string method = "POST")
    {
        var target = new Uri(url);
        var encoder = new TestEncoder();
        await encoder._client.ConnectAsync(IPAddress.Loopback, target.Port);
        await encoder.Stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"{method} {target.AbsolutePath} HTTP/1.1\r\nTransfer-Encoding: chunked\r\nUser-Agent: Lavf/59.27.100\r\nAccept: */*\r\n"
            + $"Connection: close\r\nHost: {target.Authority}\r\nIcy-MetaData: 1\r\n\r\n"));
        return encoder;
    }

    /// <summary>Sends one chunk.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await Stream.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{bytes.Length:x}\r\n")));
        await Stream.WriteAsync(bytes);
        await Stream.WriteAsync("\r\n"u8.ToArray());
    }

    /// <summary>Ends the request properly.</summary>
    public async Task FinishAsync() => await Stream.WriteAsync("0\r\n\r\n"u8.ToArray());

    /// <summary>Reads until the relay closes the connection; what it said before that.</summary>
    public async Task<string> ReadToCloseAsync()
    {
        var answer = new MemoryStream();
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await Stream.CopyToAsync(answer, timeout.Token);
        }
        catch (IOException)
        {
            // A reset is a close, too.
        }

        return Encoding.UTF8.GetString(answer.ToArray());
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
