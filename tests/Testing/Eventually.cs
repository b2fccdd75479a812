using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace LiveRobot.Testing;

/// <summary>Waits for what will become true, and says what did not.</summary>
public static class Eventually
{
    /// <summary>Generous, so that only what never happens fails on a busy machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Waits until a condition holds.</summary>
    /// <exception cref="TimeoutException">It did not hold in time; the message is the condition's own text.</exception>
    public static Task TrueAsync(Func<bool> condition, TimeSpan? within = null, [CallerArgumentExpression(nameof(condition))] string text = "") =>
        TrueAsync(() => Task.FromResult(condition()), within, text);

    /// <inheritdoc cref="TrueAsync(Func{bool}, TimeSpan?, string)"/>
    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan? within = null, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        var watch = Stopwatch.StartNew();
        var patience = within ?? Patience;
        while (!await condition())
        {
            if (watch.Elapsed > patience)
            {
                throw new TimeoutException($"Not true within {patience.TotalSeconds} s: {text}");
            }

            await Task.Delay(10);
        }
    }
}
