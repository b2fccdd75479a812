using LiveRobot.Commands;

return await RootCommandBuilder.Build().Parse(args).InvokeAsync();
