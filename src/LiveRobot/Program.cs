using System.CommandLine;

using LiveRobot.Commands;
using LiveRobot.Platform.Storage;

using Microsoft.Extensions.Options;

try
{
    return await RootCommandBuilder.Build().Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception exception) when (exception is StoreException or OptionsValidationException)
{
    // What the command's user can mend is one line.
    return await Store.FailAsync(exception.Message);
}
