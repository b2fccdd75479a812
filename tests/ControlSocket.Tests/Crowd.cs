using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

using LiveRobot.Testing;

namespace LiveRobot.ControlSocket.Tests;

/// <summary>Many viewers of one robot, each on a WebSocket of its own that reads no more than a test asks about.</summary>
public sealed partial class Crowd : IAsyncDisposable
{
    private Crowd(IReadOnlyList<Member> members) => Members = members;

    public IReadOnlyList<Member> Members { get; private set; }

    /// <summary>Connects so many viewers at once, each with a ticket of its own.</summary>
    public static async Task<Crowd> ConnectAsync(Uri server, string handle, int count)
    {
        var members = await Task.WhenAll(Enumerable.Range(0, count).Select(number => Member.ConnectAsync(server, handle, $"ticket {number}")));
        return new Crowd(members);
    }

    /// <summary>Waits until all have been told the same of the control last, and it is as a test says.</summary>
    public Task AgreeAsync(Func<JsonElement, bool> isIt) => Eventually.TrueAsync(
        () => Members.Select(member => member.State).Distinct(StringComparer.Ordinal).ToArray() is [{ } state] && isIt(JsonElement.Parse(state)),
        text: $"all {Members.Count} agree about the state of control");

    public Task AllAsync(string name, object? argument = null) => EmitAsync(Members, name, argument);

    public static Task EmitAsync(IEnumerable<Member> members, string name, object? argument = null) =>
        Task.WhenAll(members.Select(member => member.EmitAsync(name, argument)));

    /// <summary>Some have come back as others.</summary>
    public void Replace(IReadOnlyList<Member> lost, IEnumerable<Member> back) => Members = [.. Members.Except(lost), .. back];

    public async ValueTask DisposeAsync() => await Task.WhenAll(Members.Select(member => member.DisposeAsync().AsTask()));

    /// <summary>One of them.</summary>
    public sealed partial class Member : IAsyncDisposable
    {
        private readonly ClientWebSocket _socket = new();
        private readonly Uri _server;
        private readonly string _handle;
        private readonly string _ticket;
        private readonly SemaphoreSlim _sending = new(1);
        private Task _receiving = Task.CompletedTask;

        private Member(Uri server, string handle, string ticket) => (_server, _handle, _ticket) = (server, handle, ticket);

        /// <summary>Gets by what number others know it; 0 before it was told.</summary>
        public int You { get; private set; }

        /// <summary>Gets the last <c>control_state</c> as JSON, without what counts down and what it says to this viewer alone.</summary>
        public string? State { get; private set; }

        /// <summary>Gets the code of the last refusal.</summary>
        public string? Refusal { get; private set; }

        public static async Task<Member> ConnectAsync(Uri server, string handle, string ticket)
        {
            var member = new Member(server, handle, ticket);
            var address = new UriBuilder(server) { Scheme = "ws", Path = "/socket.io/", Query = "EIO=4&transport=websocket" }.Uri;
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            await member._socket.ConnectAsync(address, patience.Token);
            await member.SendAsync("40");
            member._receiving = member.ReceiveAsync();
            await member.EmitAsync("select_robot", new { robot_id = handle, ticket });
            await Eventually.TrueAsync(() => member.You > 0, TimeSpan.FromSeconds(60));
            return member;
        }

        /// <summary>The same person on another socket.</summary>
        public Task<Member> ComeBackAsync() => ConnectAsync(_server, _handle, _ticket);

        public Task EmitAsync(string name, object? argument = null) =>
            SendAsync($"42[\"{name}\",{JsonSerializer.Serialize(argument)}]");

        public Task PressAsync(string command, string position) => EmitAsync("command_to_robot", new { command, key_position = position });

        /// <summary>Drops the connection without a word.</summary>
        public async ValueTask DisposeAsync()
        {
            _socket.Abort();
            await _receiving;
            _socket.Dispose();
            _sending.Dispose();
        }

        [GeneratedRegex("""
            "(you|turn_ends_in_ms|exclusive_ends_in_ms)":(\d+|null),
            """)]
        private static partial Regex OfItsOwn();

        [GeneratedRegex("""
            "you":(\d+)
            """)]
        private static partial Regex OwnNumber();

        private async Task SendAsync(string packet)
        {
            await _sending.WaitAsync();
            try
            {
                await _socket.SendAsync(Encoding.UTF8.GetBytes(packet), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            }
            finally
            {
                _sending.Release();
            }
        }

        private async Task ReceiveAsync()
        {
            var buffer = new byte[64 * 1024];
            try
            {
                while (true)
                {
                    var length = 0;
                    ValueWebSocketReceiveResult part;
                    do
                    {
                        part = await _socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                        length += part.Count;
                    }
                    while (!part.EndOfMessage);
                    await HearAsync(buffer.AsMemory(0, length));
                }
            }
            catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException)
            {
                // Dropped by the test.
            }
        }

        private async Task HearAsync(ReadOnlyMemory<byte> packet)
        {
            if (packet.Span.SequenceEqual("2"u8))
            {
                await SendAsync("3");
            }
            else if (packet.Span.StartsWith("42[\"control_state\","u8))
            {
                var state = Encoding.UTF8.GetString(packet.Span["42[\"control_state\","u8.Length..^1]);
                You = OwnNumber().Match(state) is { Success: true } match ? int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) : You;
                State = OfItsOwn().Replace(state, "");
            }
            else if (packet.Span.StartsWith("42[\"command_refused\","u8))
            {
                Refusal = JsonElement.Parse(packet.Span[2..])[1].GetProperty("code").GetString();
            }
        }
    }
}
