using SocketIO.Adapters;

namespace SocketIO.Tests.Adapters;

public sealed class InMemoryAdapterTests : AdapterTests
{
    protected override int Nodes => 1;

    protected override IAdapter CreateAdapter() => InMemoryAdapter.Instance;
}
