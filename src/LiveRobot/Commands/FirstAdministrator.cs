using LiveRobot.Platform.Accounts;

using Microsoft.Extensions.Options;

namespace LiveRobot.Commands;

/// <summary>Tells whoever starts a server that has no administrator yet how to become it.</summary>
internal sealed class FirstAdministrator(AdministratorCode code, IOptions<AccountOptions> options) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not by the logger: the code is a secret as long as it has not been used.
        if (options.Value.PrintAdministratorCode && await code.IssueAsync() is { } issued)
        {
            Console.WriteLine($"There is no administrator yet. Sign up as one with this one-time code: {issued}");
        }
    }
}
