using LiveRobot.Platform.Storage;
using LiveRobot.Testing;

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LiveRobot.Platform.Tests;

/// <summary>Settings from files, as containers and systemd hand secrets over.</summary>
public sealed class SecretFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_is_a_setting_and_wins_over_all_else()
    {
        var key = Convert.ToBase64String(new byte[32]);
        await File.WriteAllTextAsync(_folder.File("Storage__MasterKey"), $"{key}\n");
        var builder = WebApplication.CreateBuilder(["--Storage:MasterKey=something else"]);
        builder.Configuration["Secrets:Directory"] = _folder.Path;

        await using var app = builder.AddPlatform().Build();

        Assert.Equal(key, app.Services.GetRequiredService<IOptions<StorageOptions>>().Value.MasterKey);
    }

    [Fact]
    public void A_directory_that_is_not_there_is_a_wrong_setting()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration["Secrets:Directory"] = _folder.File("missing");

        var wrong = Assert.Throws<OptionsValidationException>(builder.AddPlatform);

        Assert.Contains("Secrets:Directory", wrong.Message, StringComparison.Ordinal);
    }
}
