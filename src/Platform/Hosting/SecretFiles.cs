using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Hosting;

/// <summary>
/// Settings from files, for secrets that shall stand neither in the environment nor on a command line. In the directory
/// <c>Secrets:Directory</c> (none by default) each file is one setting: its name is the setting's with <c>__</c> for the
/// colon (<c>Storage__PostgresPassword</c>), its text the value. Files win over all else that is configured.
/// </summary>
internal static class SecretFiles
{
    public static void AddSecretFiles(this WebApplicationBuilder builder)
    {
        if (builder.Configuration["Secrets:Directory"] is not { Length: > 0 } directory)
        {
            return;
        }

        if (!Directory.Exists(directory))
        {
            throw new OptionsValidationException("Secrets", typeof(SecretFiles), [$"Secrets:Directory: there is no directory {directory}."]);
        }

        builder.Configuration.AddKeyPerFile(Path.GetFullPath(directory));
    }
}
