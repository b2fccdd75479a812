using System.Buffers;
using System.Globalization;
using System.Net;

using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

using WebSockets;

namespace SocketIO.EngineIO;

/// <summary>Answers the HTTP requests of Engine.IO 3 and 4: handshake, poll, post, WebSocket and upgrade.</summary>
internal sealed class EngineIOEndpoint(EngineIOServer server, SocketIOOptions options, TimeProvider time)
{
    private readonly WebSocketOptions _webSocketOptions = new()
    {
        MaxMessageBytes = options.MaxPayloadBytes,
        MaxBufferedBytes = options.MaxBufferedBytes,
    };

    public Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        WriteCors(context);
        if (HttpMethods.IsOptions(request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }

        // Clients from before the parameter existed speak protocol 3.
        var version = request.Query["EIO"] switch { [] or ["3"] => 3, ["4"] => 4, _ => 0 };
        if (version == 0 || (version == 3 && !options.AllowEngineIO3))
        {
            return RefuseAsync(context, EngineIOError.UnsupportedVersion);
        }

        var transport = request.Query["transport"];
        if (transport != "polling" && transport != "websocket")
        {
            return RefuseAsync(context, EngineIOError.TransportUnknown);
        }

        EngineIOSession? session = null;
        if (request.Query["sid"] is [{ } sid] && (!server.Sessions.TryGetValue(sid, out session) || session.Version != version))
        {
            return RefuseAsync(context, EngineIOError.SessionIdUnknown);
        }

        session?.CheckTime();

        if (transport == "websocket")
        {
            return HandleWebSocketAsync(context, session, version);
        }

        if (request.Query.ContainsKey("j"))
        {
            // JSONP: nothing in use needs it.
            return RefuseAsync(context, EngineIOError.BadRequest);
        }

        if (session is null)
        {
            return HttpMethods.IsGet(request.Method)
                ? OpenOnPollingAsync(context, version)
                : RefuseAsync(context, EngineIOError.BadHandshakeMethod);
        }

        return request.Method switch
        {
            "GET" => PollAsync(context, session),
            "POST" => PostAsync(context, session),
            _ => RefuseAsync(context, EngineIOError.BadRequest),
        };
    }

    private async Task OpenOnPollingAsync(HttpContext context, int version)
    {
        if (server.Open(context, version, UsesBase64(context), webSocket: null) is not { } session)
        {
            await RefuseAsync(context, EngineIOError.Forbidden).ConfigureAwait(false);
            return;
        }

        // Alone: the Python client reads only the first packet of this answer.
        await AnswerPollAsync(context, session, [session.OpenFrame()]).ConfigureAwait(false);
    }

    private static async Task PollAsync(HttpContext context, EngineIOSession session)
    {
        List<WebSocketFrame>? packets;
        try
        {
            packets = await session.PollAsync(context.RequestAborted).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        await (packets is null
            ? RefuseAsync(context, EngineIOError.BadRequest)
            : AnswerPollAsync(context, session, packets)).ConfigureAwait(false);
    }

    private static async Task AnswerPollAsync(HttpContext context, EngineIOSession session, List<WebSocketFrame> packets)
    {
        var framing = session.Version == 4 ? EngineIOFraming.Separated
            : session.UsesBase64 ? EngineIOFraming.TextLengths
            : EngineIOFraming.BinaryLengths;
        var body = EngineIOPayloadWriter.Write(packets, framing);
        // Exactly this type, without parameters: the Java client compares the whole header.
        context.Response.ContentType = framing == EngineIOFraming.BinaryLengths ? "application/octet-stream" : "text/plain; charset=UTF-8";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }

    private async Task PostAsync(HttpContext context, EngineIOSession session)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = options.MaxPayloadBytes;
        }

        if (context.Request.ContentLength > options.MaxPayloadBytes)
        {
            await RefuseTooLargeAsync(context, session).ConfigureAwait(false);
            return;
        }

        var isBinary = context.Request.ContentType?.StartsWith("application/octet-stream", StringComparison.OrdinalIgnoreCase) == true;
        if (isBinary && session.Version == 4)
        {
            session.Close(DisconnectReason.ProtocolError);
            await RefuseAsync(context, EngineIOError.BadRequest).ConfigureAwait(false);
            return;
        }

        var framing = session.Version == 4 ? EngineIOFraming.Separated : isBinary ? EngineIOFraming.BinaryLengths : EngineIOFraming.TextLengths;
        var buffer = new ArrayBufferWriter<byte>(Math.Max(256, (int)(context.Request.ContentLength ?? 0)));
        if (!await TryReadBodyAsync(context, buffer).ConfigureAwait(false))
        {
            await RefuseTooLargeAsync(context, session).ConfigureAwait(false);
            return;
        }

        await session.Receiving.WaitAsync(context.RequestAborted).ConfigureAwait(false);
        bool isAccepted;
        try
        {
            isAccepted = !session.IsClosed && !session.IsOnWebSocket && Receive(session, new EngineIOPayloadReader(buffer.WrittenMemory, framing));
        }
        finally
        {
            session.Receiving.Release();
        }

        if (!isAccepted)
        {
            await RefuseAsync(context, EngineIOError.BadRequest).ConfigureAwait(false);
            return;
        }

        // The Python client wants exactly this.
        context.Response.ContentType = "text/html";
        context.Response.ContentLength = 2;
        await context.Response.Body.WriteAsync("ok"u8.ToArray(), context.RequestAborted).ConfigureAwait(false);
    }

    private static bool Receive(EngineIOSession session, EngineIOPayloadReader payload)
    {
        while (payload.TryRead(out var packet))
        {
            if (!session.Receive(packet))
            {
                return false;
            }
        }

        if (payload.IsMalformed)
        {
            session.Close(DisconnectReason.ProtocolError);
        }

        return !payload.IsMalformed;
    }

    private async Task<bool> TryReadBodyAsync(HttpContext context, ArrayBufferWriter<byte> buffer)
    {
        try
        {
            int read;
            do
            {
                read = await context.Request.Body.ReadAsync(buffer.GetMemory(256), context.RequestAborted).ConfigureAwait(false);
                buffer.Advance(read);
            }
            while (read > 0 && buffer.WrittenCount <= options.MaxPayloadBytes);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return false;
        }

        return buffer.WrittenCount <= options.MaxPayloadBytes;
    }

    private async Task HandleWebSocketAsync(HttpContext context, EngineIOSession? session, int version)
    {
        if (!WebSocketHandshake.IsUpgradeRequest(context) || session is { IsClosed: true })
        {
            await RefuseAsync(context, EngineIOError.BadRequest).ConfigureAwait(false);
            return;
        }

        if (await WebSocketHandshake.AcceptAsync(context, _webSocketOptions).ConfigureAwait(false) is not { } webSocket)
        {
            return;
        }

        await using (webSocket.ConfigureAwait(false))
        {
            if (session is { IsOnWebSocket: true })
            {
                // Accepted and closed, as by the reference server: the protocol's test suite takes an HTTP error amiss.
                await RefuseAsync(webSocket, EngineIOError.BadRequest).ConfigureAwait(false);
                return;
            }

            if (session is null)
            {
                session = server.Open(context, version, UsesBase64(context), webSocket);
                if (session is null)
                {
                    await RefuseAsync(webSocket, EngineIOError.Forbidden).ConfigureAwait(false);
                    return;
                }
            }
            else if (!await TryUpgradeAsync(session, webSocket).ConfigureAwait(false))
            {
                return;
            }

            await ReceiveAsync(session, webSocket).ConfigureAwait(false);
        }
    }

    /// <summary>Plays the upgrade: <c>2probe</c>, <c>3probe</c>, <c>5</c>. Nothing else is sent on the WebSocket before the <c>5</c>.</summary>
    private async Task<bool> TryUpgradeAsync(EngineIOSession session, WebSocketConnection webSocket)
    {
        using var deadline = new CancellationTokenSource(options.UpgradeTimeout, time);
        try
        {
            if (!IsText(await webSocket.ReceiveAsync(deadline.Token).ConfigureAwait(false), "2probe"u8) || !session.TryBeginUpgrade(webSocket))
            {
                return false;
            }

            if (IsText(await webSocket.ReceiveAsync(deadline.Token).ConfigureAwait(false), "5"u8))
            {
                // A post that is being handled was sent before.
                await session.Receiving.WaitAsync(deadline.Token).ConfigureAwait(false);
                try
                {
                    return session.TryCompleteUpgrade(webSocket);
                }
                finally
                {
                    session.Receiving.Release();
                }
            }

            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            session.AbandonUpgrade(webSocket);
        }
    }

    private static async Task ReceiveAsync(EngineIOSession session, WebSocketConnection webSocket)
    {
        while (true)
        {
            var message = await webSocket.ReceiveAsync().ConfigureAwait(false);
            if (message.Kind == WebSocketMessageKind.Closed)
            {
                session.OnWebSocketClosed(webSocket.End);
                return;
            }

            var isPacket = message.Kind == WebSocketMessageKind.Text
                ? EngineIOPacket.TryParseText(message.Payload, session.Version, out var packet)
                : EngineIOPacket.TryParseBinary(message.Payload, session.Version, out packet);
            if (isPacket)
            {
                session.Receive(packet);
            }
            else
            {
                session.Close(DisconnectReason.ProtocolError);
            }
        }
    }

    /// <summary>Closes a WebSocket of which nothing is wanted.</summary>
    private static async Task RefuseAsync(WebSocketConnection webSocket, EngineIOError error)
    {
        SocketIOMetrics.Refused(error);
        var closing = webSocket.CloseAsync(CloseCode.PolicyViolation);
        while ((await webSocket.ReceiveAsync().ConfigureAwait(false)).Kind != WebSocketMessageKind.Closed)
        {
            // What the client has sent meanwhile.
        }

        await closing.ConfigureAwait(false);
    }

    private static bool IsText(WebSocketMessage message, ReadOnlySpan<byte> text) =>
        message.Kind == WebSocketMessageKind.Text && message.Payload.Span.SequenceEqual(text);

    private static bool UsesBase64(HttpContext context) =>
        context.Request.Query["b64"] is [{ Length: > 0 } value] && value != "0" && value != "false";

    private void WriteCors(HttpContext context)
    {
        var origin = context.Request.Headers.Origin;
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        if (StringValues.IsNullOrEmpty(origin) || (options.AllowedOrigins.Count > 0 && !options.AllowedOrigins.Contains(origin.ToString())))
        {
            return;
        }

        headers.AccessControlAllowOrigin = origin;
        headers.AccessControlAllowCredentials = "true";
        headers.Vary = "Origin";
        if (HttpMethods.IsOptions(context.Request.Method))
        {
            headers.AccessControlAllowMethods = "GET, POST";
            headers.AccessControlAllowHeaders = context.Request.Headers.AccessControlRequestHeaders;
            headers.AccessControlMaxAge = "600";
        }
    }

    private static Task RefuseTooLargeAsync(HttpContext context, EngineIOSession session)
    {
        SocketIOMetrics.RefusedAsTooLarge();
        session.Close(DisconnectReason.LimitExceeded);
        context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
        context.Response.Headers.Connection = "close";
        return Task.CompletedTask;
    }

    private static async Task RefuseAsync(HttpContext context, EngineIOError error)
    {
        SocketIOMetrics.Refused(error);
        var message = error switch
        {
            EngineIOError.TransportUnknown => "Transport unknown",
            EngineIOError.SessionIdUnknown => "Session ID unknown",
            EngineIOError.BadHandshakeMethod => "Bad handshake method",
            EngineIOError.Forbidden => "Forbidden",
            EngineIOError.UnsupportedVersion => "Unsupported protocol version",
            _ => "Bad request",
        };
        context.Response.StatusCode = (int)(error == EngineIOError.Forbidden ? HttpStatusCode.Forbidden : HttpStatusCode.BadRequest);
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(
            string.Create(CultureInfo.InvariantCulture, $"{{\"code\":{(int)error},\"message\":\"{message}\"}}"),
            context.RequestAborted).ConfigureAwait(false);
    }
}
