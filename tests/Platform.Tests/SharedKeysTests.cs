using System.Reflection;

using LiveRobot.Platform.Cluster;
using LiveRobot.Platform.Redis;
using LiveRobot.Testing;

namespace LiveRobot.Platform.Tests;

public sealed class SharedKeysTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(Repository.Root, "docs/operations.md"));

    public static TheoryData<string> Names => [.. NamesOf(typeof(SharedKeys))];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_key_and_channel_is_in_the_document_on_operations(string name) => Assert.Contains($"`{name}`", Document, StringComparison.Ordinal);

    /// <summary>All names, with the parameters as the document writes them.</summary>
    private static IEnumerable<string> NamesOf(Type keys)
    {
        var constants = keys.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!);
        var methods = keys.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .SelectMany(method => method.Name switch
            {
                nameof(SharedKeys.RobotSocket) => [SharedKeys.RobotSocket("{handle}", "control"), SharedKeys.RobotSocket("{handle}", "status")],
                nameof(SharedKeys.CameraFeed) => [SharedKeys.CameraFeed(7, "video"), SharedKeys.CameraFeed(7, "audio")],
                nameof(SharedKeys.SlotHolder) => [SharedKeys.SlotHolder(new Slot("{service}", 7))],
                _ => new[] { (string)method.Invoke(null, [.. method.GetParameters().Select(parameter => parameter.ParameterType == typeof(int) ? (object)7 : $"{{{parameter.Name}}}")])! },
            });
        return constants.Concat(methods).Select(name => name.Replace("camera:7", "camera:{id}", StringComparison.Ordinal).Replace("{service}:7", "{service}:{number}", StringComparison.Ordinal));
    }
}
