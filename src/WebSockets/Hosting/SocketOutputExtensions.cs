using System.IO.Pipelines;

using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace WebSockets.Hosting;

/// <summary>Puts <see cref="SocketOutputStream"/> beneath a listener.</summary>
public static class SocketOutputExtensions
{
    /// <summary>Lets every connection of the listener write through <see cref="SocketOutputStream"/>. To be called before anything else is put on the listener, TLS included.</summary>
    public static ListenOptions UseSocketOutput(this ListenOptions listener)
    {
        listener.Use(next => connection => ServeAsync(connection, next));
        return listener;
    }

    private static async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket)
        {
            await next(connection).ConfigureAwait(false);
            return;
        }

        var output = new SocketOutputStream(socket, connection.Abort);
        var transport = connection.Transport;
        var writer = PipeWriter.Create(output, new StreamPipeWriterOptions(leaveOpen: true));
        connection.Features.Set(output);
        connection.Transport = new DuplexPipe(transport.Input, writer);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            await writer.CompleteAsync().ConfigureAwait(false);
            connection.Transport = transport;
        }
    }

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
