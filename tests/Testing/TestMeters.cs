using System.Diagnostics.Metrics;

namespace LiveRobot.Testing;

/// <summary>Makes meters for what is made without a service's container.</summary>
public sealed class TestMeters : IMeterFactory
{
    public static TestMeters Instance { get; } = new();

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        return new Meter(options);
    }

    public void Dispose()
    {
        // Its meters live as long as the process.
    }
}
