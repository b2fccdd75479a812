using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;

using LiveRobot.Platform.Robots;

namespace LiveRobot.Commands;

/// <summary><c>robots add</c>, <c>pair</c>, <c>set</c>, <c>list</c>, <c>watch-link</c> and <c>withdraw-links</c>: the owner's command line, also beside a running server.</summary>
internal static class RobotsCommand
{
    public static Command Build(Option<DirectoryInfo> data) => new("robots", "Add, change and list robots.")
    {
        BuildAdd(data),
        BuildPair(data),
        BuildSet(data),
        BuildList(data),
        BuildWatchLink(data),
        BuildWithdrawLinks(data),
    };

    private static Command BuildAdd(Option<DirectoryInfo> data)
    {
        var name = new Argument<string>("NAME") { Description = "What people call the robot." };
        var owner = new Option<string>("--owner") { Description = "The account that the robot belongs to.", Required = true };
        var visibility = VisibilityOption();
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var add = new Command("add", "Add a robot with one camera and print what its client needs. The robot-id and the stream key are secrets.")
        {
            name,
            owner,
            visibility,
            json,
        };
        add.SetAction(async (result, _) =>
        {
            try
            {
                var robots = Store.Open(result, data).GetRequiredService<RobotDirectory>();
                var robot = await robots.AddAsync(
                    result.GetRequiredValue(name), result.GetRequiredValue(owner), result.GetValue(visibility));
                Print(robot, await robots.StreamKeyAsync(robot.Cameras[0].CameraId), result.GetValue(json));
                return 0;
            }
            catch (ArgumentException exception)
            {
                return await Store.FailAsync(exception);
            }
        });
        return add;
    }

    private static Command BuildList(Option<DirectoryInfo> data)
    {
        var list = new Command("list", "List the robots by their handles, without secrets.");
        list.SetAction(async (result, _) =>
        {
            foreach (var robot in await Store.Open(result, data).GetRequiredService<RobotDirectory>().ListAsync())
            {
                var cameras = string.Join(", ", robot.Cameras.Select(camera => camera.CameraId));
                Console.WriteLine($"{robot.Handle}  \"{robot.Name}\" of {robot.Owner}, {robot.Visibility.ToWire()}, camera {cameras}");
            }

            return 0;
        });
        return list;
    }

    private static Command BuildSet(Option<DirectoryInfo> data)
    {
        var handle = HandleArgument();
        var visibility = VisibilityOption();
        visibility.Required = true;
        var set = new Command("set", "Change a robot.") { handle, visibility };
        set.SetAction(async (result, _) =>
        {
            var robots = Store.Open(result, data).GetRequiredService<RobotDirectory>();
            return await robots.SetVisibilityAsync(result.GetRequiredValue(handle), result.GetValue(visibility))
                ? 0
                : await UnknownRobotAsync();
        });
        return set;
    }

    private static Command BuildPair(Option<DirectoryInfo> data)
    {
        var handle = HandleArgument();
        var pair = new Command("pair", "Print a code that our robot client exchanges, once and within ten minutes, for all that it needs.") { handle };
        pair.SetAction(async (result, _) =>
        {
            if (await Store.Open(result, data).GetRequiredService<PairingCodes>().IssueAsync(result.GetRequiredValue(handle)) is not { } code)
            {
                return await UnknownRobotAsync();
            }

            Console.WriteLine(code.Code);
            return 0;
        });
        return pair;
    }

    private static Command BuildWatchLink(Option<DirectoryInfo> data)
    {
        var handle = HandleArgument();
        var days = new Option<double>("--days") { Description = "How long the link is valid.", DefaultValueFactory = _ => 7 };
        days.Validators.Add(option =>
        {
            if (option.GetValueOrDefault<double>() is not (> 0 and <= 3650))
            {
                option.AddError("--days is more than 0 and at most 3650.");
            }
        });
        var site = new Option<string>("--site")
        {
            Description = "Where people find the site.",
            DefaultValueFactory = _ => "http://localhost:8080",
        };
        var spectator = new Option<bool>("--spectator") { Description = "Whoever comes by it may neither chat nor drive, even where everyone may." };
        var link = new Command("watch-link", "Print an address under which anyone may watch a robot, a private one too.") { handle, days, site, spectator };
        link.SetAction(async (result, _) =>
        {
            var services = Store.Open(result, data);
            if (await services.GetRequiredService<RobotDirectory>().FindByHandleAsync(result.GetRequiredValue(handle)) is not { } robot)
            {
                return await UnknownRobotAsync();
            }

            var token = await services.GetRequiredService<ViewingTokens>()
                .IssueAsync(robot.Handle, TimeSpan.FromDays(result.GetRequiredValue(days)), result.GetValue(spectator));
            Console.WriteLine($"{result.GetRequiredValue(site).TrimEnd('/')}/robot/{robot.Handle}?{ViewingTokens.QueryName}={token}");
            return 0;
        });
        return link;
    }

    private static Command BuildWithdrawLinks(Option<DirectoryInfo> data)
    {
        var handle = HandleArgument();
        var withdraw = new Command("withdraw-links", "Make all links to watch a robot worthless. Whoever watches by one is cut off.") { handle };
        withdraw.SetAction(async (result, _) =>
        {
            var services = Store.Open(result, data);
            if (await services.GetRequiredService<RobotDirectory>().FindByHandleAsync(result.GetRequiredValue(handle)) is not { } robot)
            {
                return await UnknownRobotAsync();
            }

            await services.GetRequiredService<ViewingTokens>().WithdrawAllAsync(robot.Handle);
            return 0;
        });
        return withdraw;
    }

    private static Argument<string> HandleArgument() => new("HANDLE") { Description = "The robot's handle, as robots list prints it." };

    private static Option<Visibility> VisibilityOption() => new("--visibility")
    {
        Description = "Who may watch: public (everybody), unlisted (who knows the handle), private (who has a link).",
    };

    private static Task<int> UnknownRobotAsync() => Store.FailAsync("There is no robot of this handle.");

    private static void Print(Robot robot, string streamKey, bool asJson)
    {
        var added = new AddedRobot(robot.RobotId, robot.Handle, robot.Cameras[0].CameraId, streamKey);
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
