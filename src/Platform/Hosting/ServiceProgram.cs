using LiveRobot.Platform.Storage;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Hosting;

/// <summary>The frame of every service's Program.cs.</summary>
public static class ServiceProgram
{
    /// <summary>
    /// Builds a service and runs it until a signal ends it. What its user can mend (a wrong setting, a busy port, a store in use) ends
    /// it with one readable line on standard error.
    /// </summary>
    /// <returns>The process's exit code: 0, or 1 when it could not run.</returns>
    public static async Task<int> RunAsync(string[] args, Action<WebApplicationBuilder> add, Action<WebApplication> map)
    {
        try
        {
            var builder = WebApplication.CreateBuilder(args);
            builder.AddPlatform();
            add(builder);
            await using var app = builder.Build();
            await app.Services.GetRequiredService<Database>().MasterKeyAsync();
            map(app);
            await RunAsync(app);
            return 0;
        }
        catch (OptionsValidationException exception)
        {
            await Console.Error.WriteLineAsync($"Wrong setting: {string.Join(" ", exception.Failures)}");
        }
        catch (StoreException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
        }
        catch (InvalidOperationException exception) when (exception.InnerException is ArgumentException or FormatException)
        {
            // The binder's word for a setting that is not of its type; it names the setting.
            await Console.Error.WriteLineAsync($"Wrong setting: {exception.Message}");
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            await Console.Error.WriteLineAsync($"{exception.Message} Stop the other program, or choose another port (Ports:…).");
        }

        return 1;
    }

    private static async Task RunAsync(WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch
        {
            // Else the background services that did start would report their end as a failure of their own.
            app.Lifetime.StopApplication();
            throw;
        }

        await app.WaitForShutdownAsync();
    }
}
