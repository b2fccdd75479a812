using System.Net.Security;
using System.Net.Sockets;

using LiveRobot.Testing;

namespace LiveRobot.Faults;

/// <summary>The certificate is replaced while everybody is connected over TLS.</summary>
public sealed class CertificateTests
{
    [Fact]
    public async Task Nobody_notices_that_the_certificate_was_replaced_and_newcomers_see_the_new_one()
    {
        Fault.SkipUnlessLong();
        using var tls = new TemporaryFolder();
        await ChildProcess.RunAsync(Path.Combine(Repository.Root, "scripts/make-certificate.sh"), [tls.Path]);
        await using var load = await Load.StartAsync(
            new Dictionary<string, string> { ["Tls__CertificatePath"] = tls.File("server.pem"), ["Tls__KeyPath"] = tls.File("server.key") },
            caFile: tls.File("ca.pem"));
        string[] ports = ["Api", "Control", "Chat", "Status", "Video"];

        await Fault.RunAsync(FaultPlace.Machine, "certificate replaced", load, async () =>
        {
            var old = await ShownAsync(ports[0]);

            // The same authority signs another.
            File.Delete(tls.File("names"));
            await ChildProcess.RunAsync(Path.Combine(Repository.Root, "scripts/make-certificate.sh"), [tls.Path]);
            foreach (var port in ports)
            {
                await Eventually.TrueAsync(async () => await ShownAsync(port) != old);
            }
        });

        async Task<string> ShownAsync(string port)
        {
            using var client = new TcpClient("localhost", load.Services.Port(port));
#pragma warning disable CA5359 // It is only looked at.
            await using var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: true, (_, _, _, _) => true);
#pragma warning restore CA5359
            await stream.AuthenticateAsClientAsync("localhost");
            return stream.RemoteCertificate!.GetCertHashString();
        }
    }
}
