using System.Diagnostics;
using System.Globalization;

using LiveRobot.Testing;

using MpegTs;

namespace LiveRobot.VideoRelay.Tests;

/// <summary>Pongs, frames and answers go over one connection; nothing may come between the bytes of another.</summary>
public sealed class OneWriterTests
{
    private const string HAProxy = "/usr/sbin/haproxy";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_pings_every_millisecond_and_reads_in_bursts_sees_only_whole_frames(bool tls)
    {
        await using var server = await RelayServer.StartWithTlsAsync();
        await ReadInBurstsAsync(server, server.ViewerUrl(), tls);
    }

    [Fact]
    public async Task So_does_who_comes_through_a_proxy()
    {
        Assert.SkipUnless(File.Exists(HAProxy), "HAProxy is not installed.");
        await using var server = await RelayServer.StartAsync();
        using var folder = new TemporaryFolder();
        var port = FreePorts.Take();
        await File.WriteAllTextAsync(folder.File("haproxy.cfg"), string.Create(CultureInfo.InvariantCulture, $"""
            defaults
              mode http
              timeout connect 5s
              timeout client 30s
              timeout server 30s
              timeout tunnel 1h
            frontend front
              bind 127.0.0.1:{port}
              default_backend relay
            backend relay
              server relay 127.0.0.1:{server.VideoPort}

            """));
        using var proxy = Process.Start(new ProcessStartInfo(HAProxy, ["-db", "-q", "-f", folder.File("haproxy.cfg")]) { RedirectStandardError = true })!;
        try
        {
            var url = new UriBuilder(server.ViewerUrl()) { Port = port }.Uri;
            using var http = new HttpClient();
            await Eventually.TrueAsync(async () => await AnswersAsync(http, new Uri($"http://127.0.0.1:{port}/healthz")));

            await ReadInBurstsAsync(server, url, tls: false);
        }
        finally
        {
            proxy.Kill();
            await proxy.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task Ffmpeg_sends_over_TLS_and_is_seen_over_TLS_and_plain()
    {
        await using var server = await RelayServer.StartWithTlsAsync();
        await using var plain = await server.WatchAsync();
        using var encrypted = await RawViewer.ConnectAsync(server.ViewerUrl(), tls: true, receiveBuffer: null);
        var address = server.IngestUrl().Replace("http://", "https://", StringComparison.Ordinal);
        await using var encoder = Ffmpeg.Run($"{Ffmpeg.TestPicture()} {address}");

        await Eventually.TrueAsync(() => plain.Count > 30);
        await encrypted.ReadAsync(TimeSpan.FromSeconds(1));
        await encoder.TerminateAsync();

        var messages = encrypted.Frames().Messages;
        Assert.True(messages.Count > 30);
        await Eventually.TrueAsync(() => plain.Count >= messages.Count);
        Assert.Equal(plain.Messages.Take(messages.Count), messages);
        var (decoded, errors) = await Ffmpeg.DecodeAsync(plain.Bytes);
        Assert.Equal(plain.Count - 1, decoded);
        Assert.Equal("", errors);
    }

    [Fact]
    public async Task The_last_frames_before_ffmpeg_ends_are_seen_too()
    {
        const int Frames = 40;
        await using var server = await RelayServer.StartAsync();
        await using var viewer = await server.WatchAsync();
        await using var encoder = Ffmpeg.Run($"{Ffmpeg.TestPicture()} -frames:v {Frames} {server.IngestUrl()}");

        await encoder.WaitAsync(TimeSpan.FromSeconds(30));

        // The tables are a message of their own.
        await Eventually.TrueAsync(() => viewer.Count == Frames + 1);
        Assert.Equal((Frames, ""), await Ffmpeg.DecodeAsync(viewer.Bytes));
    }

    private static async Task ReadInBurstsAsync(RelayServer server, Uri url, bool tls)
    {
        await using var other = await server.WatchAsync();
        using var viewer = await RawViewer.ConnectAsync(url, tls);
        using var leaver = await RawViewer.ConnectAsync(url, tls);
        await using var encoder = Ffmpeg.Run($"{Ffmpeg.TestPicture("mpeg1video -b:v 3000k -bf 0", size: "640x480")} {server.IngestUrl()}");
        await Eventually.TrueAsync(() => other.Count > 0);

        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(4));
        var pinging = PingAsync(viewer, stop.Token);
        var left = false;
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(30);
            await viewer.ReadAsync(TimeSpan.FromMilliseconds(20), 30_000);
            if (!left && other.Count > 30)
            {
                // Goes in the middle of a frame.
                await leaver.ReadAsync(TimeSpan.FromSeconds(1), 5_001);
                leaver.Dispose();
                left = true;
            }
        }

        var pings = await pinging;
        await encoder.TerminateAsync();
        await viewer.ReadAsync(TimeSpan.FromSeconds(1));

        var (messages, pongs) = viewer.Frames();
        Assert.True(left);
        Assert.NotEmpty(messages);
        Assert.All(messages, message => Assert.True(message.Length % TsPacket.Size == 0 && message[0] == TsPacket.SyncByte));
        Assert.Equal(Enumerable.Range(0, pings), pongs);
        var (decoded, errors) = await Ffmpeg.DecodeAsync(other.Bytes);
        Assert.True(decoded > 50);
        Assert.Equal("", errors);
    }

    private static async Task<int> PingAsync(RawViewer viewer, CancellationToken stop)
    {
        var number = 0;
        while (!stop.IsCancellationRequested)
        {
            await viewer.PingAsync(number++);
            await Task.Delay(1, CancellationToken.None);
        }

        return number;
    }

    private static async Task<bool> AnswersAsync(HttpClient http, Uri url)
    {
        try
        {
            return (await http.GetAsync(url)).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
