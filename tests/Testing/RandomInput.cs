using FsCheck;

using Microsoft.FSharp.Core;

namespace LiveRobot.Testing;

/// <summary>
/// How much random input a test tries. <c>./test.sh</c> tries the same input on every run, so that a failure is the
/// change's and not the dice's; <c>./test.sh --long</c> tries fresh input, and many times as much.
/// </summary>
public static class RandomInput
{
    private const int LongFactor = 50;

    /// <summary>Gets whether the long tests run.</summary>
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("LIVEROBOT_LONG_TESTS") == "yes";

    /// <summary>The settings of a property test that tries so many cases in the short run, and throws what it finds.</summary>
    public static Config Cases(int count) => IsLong
        ? Config.QuickThrowOnFailure.WithMaxTest(count * LongFactor)
        : Config.QuickThrowOnFailure.WithMaxTest(count).WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(2_026, 11), FSharpOption<int>.None)));
}
