using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace LiveRobot.Testing;

/// <summary>Keeps every measurement of the metrics of one service, or of all in this process.</summary>
public sealed class RecordedMetrics : IDisposable
{
    private readonly MeterListener _listener = new();

    /// <param name="meters">The service's own factory; null: every meter of the process.</param>
    public RecordedMetrics(IMeterFactory? meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (meters is null || instrument.Meter.Scope == meters)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(Keep);
        _listener.SetMeasurementEventCallback<int>(Keep);
        _listener.SetMeasurementEventCallback<double>(Keep);
        _listener.Start();
    }

    /// <summary>Gets the measurements as <c>name value tag=value …</c>, tags by name, oldest first.</summary>
    public ConcurrentQueue<string> Lines { get; } = [];

    /// <summary>Adds up what a counter has counted, under all its tags.</summary>
    public long Sum(string counter) => Lines.Select(line => line.Split(' ')).Where(words => words[0] == counter).Sum(words => long.Parse(words[1], CultureInfo.InvariantCulture));

    /// <summary>Asks the instruments that are only measured when somebody looks.</summary>
    public void Observe() => _listener.RecordObservableInstruments();

    public void Dispose() => _listener.Dispose();

    private void Keep<T>(Instrument instrument, T measurement, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
        where T : struct
    {
        var words = tags.ToArray().OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $" {tag.Key}={tag.Value}");
        Lines.Enqueue($"{instrument.Name} {measurement}{string.Concat(words)}");
    }
}
