using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;

using LiveRobot.Platform;
using LiveRobot.Platform.Robots;

namespace LiveRobot.Commands;

/// <summary><c>robots add</c> and <c>robots list</c>: the owner's command line, also beside a running server.</summary>
internal static class RobotsCommand
{
    public static Command Build(Option<DirectoryInfo> data) => new("robots", "Add and list robots.")
    {
        BuildAdd(data),
        BuildList(data),
    };

    private static Command BuildAdd(Option<DirectoryInfo> data)
    {
        var name = new Argument<string>("NAME") { Description = "What people call the robot." };
        var owner = new Option<string>("--owner") { Description = "The account that the robot belongs to.", Required = true };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var add = new Command("add", "Add a robot with one camera and print what its client needs. The robot-id and the stream key are secrets.")
        {
            name,
            owner,
            json,
        };
        add.SetAction(async (result, _) =>
        {
            try
            {
                var robot = await Open(result.GetRequiredValue(data)).AddAsync(result.GetRequiredValue(name), result.GetRequiredValue(owner));
                Print(robot, result.GetValue(json));
                return 0;
            }
            catch (ArgumentException exception)
            {
                // Without the name of the parameter, which .NET puts behind.
                await Console.Error.WriteLineAsync(exception.Message.Split(" (Parameter")[0]);
                return 1;
            }
        });
        return add;
    }

    private static Command BuildList(Option<DirectoryInfo> data)
    {
        var list = new Command("list", "List the robots by their handles, without secrets.");
        list.SetAction(async (result, _) =>
        {
            foreach (var robot in await Open(result.GetRequiredValue(data)).ListAsync())
            {
                var cameras = string.Join(", ", robot.Cameras.Select(camera => camera.CameraId));
                Console.WriteLine($"{robot.Handle}  \"{robot.Name}\" of {robot.Owner}, camera {cameras}");
            }

            return 0;
        });
        return list;
    }

    private static RobotDirectory Open(DirectoryInfo data)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration["Storage:Directory"] = data.FullName;
        builder.AddPlatform();
        return builder.Build().Services.GetRequiredService<RobotDirectory>();
    }

    private static void Print(Robot robot, bool asJson)
    {
        var added = new AddedRobot(robot.RobotId, robot.Handle, robot.Cameras[0].CameraId, robot.Cameras[0].StreamKey);
        Console.WriteLine(asJson
            ? JsonSerializer.Serialize(added)
            : $"""
               robot-id    {added.RobotId}   (secret)
               handle      {added.Handle}
               camera-id   {added.CameraId}
               stream key  {added.StreamKey}   (secret)
               """);
    }

    private sealed record AddedRobot(
        [property: JsonPropertyName("robot_id")] string RobotId,
        [property: JsonPropertyName("handle")] string Handle,
        [property: JsonPropertyName("camera_id")] int CameraId,
        [property: JsonPropertyName("stream_key")] string StreamKey);
}
