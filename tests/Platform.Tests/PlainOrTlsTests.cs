using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

using LiveRobot.Testing;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Tests;

public sealed class PlainOrTlsTests : IAsyncLifetime
{
    private readonly TemporaryFolder _certificates = new();
    private ServiceHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        await RunAsync("scripts/make-certificate.sh", _certificates.Path);
        _host = await StartAsync(new Dictionary<string, string?>
        {
            ["Tls:CertificatePath"] = _certificates.File("server.pem"),
            ["Tls:KeyPath"] = _certificates.File("server.key"),
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _certificates.Dispose();
    }

    [Fact]
    public async Task Plain_HTTP_is_served()
    {
        using var client = new HttpClient();

        Assert.Equal("http", await client.GetStringAsync(new Uri($"http://localhost:{_host.Port}/scheme")));
    }

    [Fact]
    public async Task TLS_is_served_on_the_same_port_and_trusted_by_who_trusts_the_authority()
    {
        var answer = await RunAsync(
            "curl", "-sS", "--cacert", _certificates.File("ca.pem"), $"https://localhost:{_host.Port}/scheme");

        Assert.Equal("https", answer);
    }

    [Fact]
    public async Task Who_came_over_TLS_is_to_come_over_TLS_and_who_did_not_is_told_nothing()
    {
        var host = $"letsrobot.tv:{_host.Port}";
        var resolve = $"{host}:127.0.0.1";

        var secure = await RunAsync("curl", "-sS", "-i", "--cacert", _certificates.File("ca.pem"), "--resolve", resolve, $"https://{host}/scheme");
        var plain = await RunAsync("curl", "-sS", "-i", "--resolve", resolve, $"http://{host}/scheme");

        Assert.Contains("Strict-Transport-Security: max-age=2592000", secure, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Strict-Transport-Security", plain, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_certificate_names_the_hosts_that_existing_robots_have_built_in()
    {
        var answer = await RunAsync(
            "curl", "-sS", "--cacert", _certificates.File("ca.pem"), "--resolve", $"letsrobot.tv:{_host.Port}:127.0.0.1",
            $"https://letsrobot.tv:{_host.Port}/scheme");

        Assert.Equal("https", answer);
    }

    [Fact]
    public async Task A_replaced_certificate_is_shown_to_new_connections_and_the_others_go_on()
    {
        using var client = new TcpClient("127.0.0.1", _host.Port);
        await using var before = await ConnectAsync(client);
        var old = before.RemoteCertificate!.GetCertHashString();

        // First the one, then the other, as they are replaced: between the two they do not belong together.
        using var fresh = new TemporaryFolder();
        await RunAsync("scripts/make-certificate.sh", fresh.Path);
        File.Copy(fresh.File("server.pem"), _certificates.File("server.pem"), overwrite: true);
        await Eventually.TrueAsync(async () => _host.Log.Lines.Any(line => line.Contains("the old one stays", StringComparison.Ordinal)) || await ShownAsync() != old);
        Assert.Equal(old, await ShownAsync());
        File.Copy(fresh.File("server.key"), _certificates.File("server.key"), overwrite: true);

        await Eventually.TrueAsync(async () => await ShownAsync() != old);
        await before.WriteAsync("GET /scheme HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());
        Assert.Contains("\r\nhttps\r\n", await new StreamReader(before).ReadToEndAsync(), StringComparison.Ordinal);

        async Task<string> ShownAsync()
        {
            using var another = new TcpClient("127.0.0.1", _host.Port);
            await using var tls = await ConnectAsync(another);
            return tls.RemoteCertificate!.GetCertHashString();
        }
    }

    [Fact]
    public async Task A_client_that_sends_its_first_byte_alone_is_served()
    {
        using var client = new TcpClient("127.0.0.1", _host.Port) { NoDelay = true };
        var stream = client.GetStream();

        await stream.WriteAsync("G"u8.ToArray());
        await Task.Delay(50);
        await stream.WriteAsync("ET /scheme HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());

        Assert.Contains("\r\nhttp\r\n", await new StreamReader(stream).ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_answer_over_TLS_arrives_whole()
    {
        using var client = new TcpClient("127.0.0.1", _host.Port);
        await using var tls = await ConnectAsync(client);

        await tls.WriteAsync("GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());

        var answer = await new StreamReader(tls, Encoding.ASCII).ReadToEndAsync();
        Assert.Equal(10_000_000, answer.Count(character => character == '#'));
    }

    [Fact]
    public async Task Without_a_certificate_TLS_is_refused_and_plain_HTTP_is_served()
    {
        await using var host = await StartAsync(null);
        using var client = new HttpClient();

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync(new Uri($"https://localhost:{host.Port}/scheme")));
        Assert.Equal("http", await client.GetStringAsync(new Uri($"http://localhost:{host.Port}/scheme")));
    }

    [Fact]
    public async Task Who_sends_nothing_is_closed_and_who_has_begun_is_not()
    {
        await using var host = await StartAsync(new() { ["Listeners:FirstByteTimeout"] = "00:00:00.500" });
        using var begun = new TcpClient("127.0.0.1", host.Port) { NoDelay = true };
        await begun.GetStream().WriteAsync("G"u8.ToArray());
        using var silent = new TcpClient("127.0.0.1", host.Port);

        Assert.Equal(0, await silent.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(TimeSpan.FromSeconds(30)));
        await begun.GetStream().WriteAsync("ET /scheme HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());

        Assert.Contains("\r\nhttp\r\n", await new StreamReader(begun.GetStream()).ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_does_not_go_on_with_the_TLS_handshake_is_closed()
    {
        await using var host = await StartAsync(new()
        {
            ["Tls:CertificatePath"] = _certificates.File("server.pem"),
            ["Tls:KeyPath"] = _certificates.File("server.key"),
            ["Listeners:TlsHandshakeTimeout"] = "00:00:00.500",
        });
        using var client = new TcpClient("127.0.0.1", host.Port);
        await client.GetStream().WriteAsync(new byte[] { 22, 3, 1 });

        await Eventually.TrueAsync(async () =>
        {
            try
            {
                return await client.GetStream().ReadAsync(new byte[1]) == 0;
            }
            catch (IOException)
            {
                return true;
            }
        });
    }

    [Theory]
    [InlineData("FirstByteTimeout", "00:00:00.099")]
    [InlineData("FirstByteTimeout", "00:10:00.001")]
    [InlineData("TlsHandshakeTimeout", "00:00:00.099")]
    [InlineData("TlsHandshakeTimeout", "00:10:00.001")]
    public async Task A_wrong_setting_ends_the_start_with_its_name(string name, string value)
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(new() { [$"Listeners:{name}"] = value }));

        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
    }

    private static async Task<SslStream> ConnectAsync(TcpClient client)
    {
#pragma warning disable CA5359 // What is tested is the transport.
        var tls = new SslStream(client.GetStream(), false, (_, _, _, _) => true);
#pragma warning restore CA5359
        await tls.AuthenticateAsClientAsync("localhost");
        return tls;
    }

    private static Task<ServiceHost> StartAsync(Dictionary<string, string?>? settings) => ServiceHost.StartAsync(
        _ => { },
        endpoints =>
        {
            endpoints.MapGet("/scheme", (HttpRequest request) => request.Scheme);
            endpoints.MapGet("/large", () => new string('#', 10_000_000));
        },
        settings);

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var path = program.Contains('/', StringComparison.Ordinal) ? Path.Combine(Repository.Root, program) : program;
        var start = new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await error);
        return output;
    }
}
