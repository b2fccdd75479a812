using System.Globalization;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace LiveRobot.Platform.Hosting;

/// <summary>What every answer forbids the browser that gets it. An endpoint that has set one of these headers itself keeps it.</summary>
internal static class AnswerHeaders
{
    /// <summary>An answer that is no page of ours loads nothing, runs nothing and stands in no frame, whatever its content looks like.</summary>
    private const string ContentSecurityPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Sets the headers on every answer.</summary>
    /// <param name="hstsMaxAge">How long browsers that came over TLS are to come over nothing else (RFC 6797); zero takes it back.</param>
    public static void UseAnswerHeaders(this IApplicationBuilder app, TimeSpan hstsMaxAge)
    {
        var hsts = string.Create(CultureInfo.InvariantCulture, $"max-age={(long)hstsMaxAge.TotalSeconds}");
        app.Use((context, next) =>
        {
            // At the last moment: whoever answers with an error begins by clearing all headers.
            context.Response.OnStarting(
                state =>
                {
                    Set((HttpContext)state, hsts);
                    return Task.CompletedTask;
                },
                context);
            return next(context);
        });
    }

    private static void Set(HttpContext context, string hsts)
    {
        if (context.Response.StatusCode == StatusCodes.Status101SwitchingProtocols)
        {
            return;
        }

        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers.TryAdd("Referrer-Policy", "same-origin");
        headers.TryAdd("Content-Security-Policy", ContentSecurityPolicy);

        // The name localhost means every program on the machine, and its other ports may not take TLS.
        if (context.Request.IsHttps && context.Request.Host.Host != "localhost")
        {
            headers.StrictTransportSecurity = hsts;
        }
    }
}
