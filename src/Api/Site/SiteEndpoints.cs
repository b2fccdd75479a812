using System.Text;
using System.Text.Encodings.Web;

using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Options;

namespace LiveRobot.Api.Site;

/// <summary>The site: static files, its one page for every address that is a page's, and the page that shows a robot's picture alone.</summary>
internal static class SiteEndpoints
{
    // The player decodes in WebAssembly, draws from blobs and gives the browser H.264 as one; all else comes from this origin.
    private const string ContentSecurityPolicy =
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; "
        + "connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'self'; form-action 'self'";

    /// <summary>As it stands in the page, for a site at the root.</summary>
    private const string BaseElement = "<base href=\"/\" />";

    public static void MapSite(this IEndpointRouteBuilder endpoints)
    {
        var directory = endpoints.ServiceProvider.GetRequiredService<IOptions<SiteOptions>>().Value.Directory;
        if (string.IsNullOrEmpty(directory))
        {
            return;
        }

        var files = new PhysicalFileProvider(Path.GetFullPath(directory));
        var application = endpoints.CreateApplicationBuilder();
        application.Use((context, next) =>
        {
            // The middleware for files leaves a request alone that an endpoint has been found for.
            context.SetEndpoint(null);
            return !files.GetFileInfo(context.Request.Path).Exists && IsForPeople(context.Request)
                ? SendPageAsync(context, files.GetFileInfo(IsFullView(context.Request.Path) ? "/fullview.html" : "/index.html"))
                : next(context);
        });
        application.UseStaticFiles(new StaticFileOptions { FileProvider = files, OnPrepareResponse = file => SetHeaders(file.Context) });
        endpoints.MapFallback("{**path}", application.Build()).ExcludeFromDescription();
    }

    /// <summary>The site's script knows these addresses; of all others it says so.</summary>
    private static bool IsPage(PathString path) =>
        path.Value is null or "" or "/" or "/account" or "/admin" or "/help" or "/sign-in" or "/sign-up" || path.StartsWithSegments("/robot") || IsFullView(path);

    /// <summary>Existing viewer apps show these in a frame of their own.</summary>
    private static bool IsFullView(PathString path) => path.StartsWithSegments("/fullview") || path.StartsWithSegments("/fullview_audio");

    /// <summary>A browser that goes somewhere gets the site, wherever; a program that asks for what is not there must not take a page for its answer.</summary>
    private static bool IsForPeople(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && (IsPage(request.Path) || request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal));

    /// <summary>Sends the one page, which resolves all that it asks for against the path under which it was asked for itself.</summary>
    private static async Task SendPageAsync(HttpContext context, IFileInfo file)
    {
        if (!file.Exists)
        {
            await Results.NotFound().ExecuteAsync(context);
            return;
        }

        using var reader = new StreamReader(file.CreateReadStream());
        var page = await reader.ReadToEndAsync(context.RequestAborted);
        var root = HtmlEncoder.Default.Encode($"{context.Request.PathBase}/");
        SetHeaders(context);
        await Results.Text(
            page.Replace(BaseElement, $"<base href=\"{root}\" />", StringComparison.Ordinal),
            "text/html",
            Encoding.UTF8,
            IsPage(context.Request.Path) ? StatusCodes.Status200OK : StatusCodes.Status404NotFound).ExecuteAsync(context);
    }

    private static void SetHeaders(HttpContext context)
    {
        var headers = context.Response.Headers;

        // Built files have their content's hash in their names.
        headers.CacheControl = context.Request.Path.StartsWithSegments("/assets") ? "public, max-age=31536000, immutable" : "no-cache";
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
    }
}
