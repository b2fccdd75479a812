using System.Net;
using System.Text.Json;

using LiveRobot.Platform.Presence;
using LiveRobot.Platform.Robots;
using LiveRobot.Platform.Sockets;

using SocketIO;

namespace LiveRobot.StatusSocket;

/// <summary>
/// What a robot says of itself: whether it charges, for all who may watch; its own addresses and its reverse SSH tunnel,
/// for its owner alone. Which robot it is, the socket has shown; a <c>robot_id</c> in the argument does not count.
/// </summary>
public sealed class RobotReports(ChargeStates charges, RobotPresence presence, RobotConnections connections)
{
    /// <summary>The most addresses of a robot that are kept.</summary>
    public const int MaxAddresses = 16;

    /// <summary>The most characters that are kept of what a robot says of its reverse SSH tunnel.</summary>
    public const int MaxInfoLength = 200;

    /// <summary>The longest text with addresses that is looked at.</summary>
    private const int MaxAddressesLength = 1_000;

    /// <summary>The room of the sockets of a robot that accepts reverse SSH.</summary>
    public static string ReverseSshRoomOf(string handle) => $"reverse_ssh:{handle}";

    /// <summary>Registers the handlers on a socket.</summary>
    /// <param name="handle">Tells which robot the socket is now; null: none.</param>
    public void Attach(Socket socket, SocketRefusals refusals, Func<string?> handle)
    {
        socket.On("charge_state", received => FromRobotAsync(received, ChargeAsync));
        socket.On("ip_information", received => FromRobotAsync(received, AddressesAsync));
        socket.On("robot_capabilities", received => FromRobotAsync(received, (robot, argument) => CapabilitiesAsync(socket, robot, argument)));
        socket.On("reverse_ssh_info", received => FromRobotAsync(received, ReverseSshInfoAsync));

        async ValueTask FromRobotAsync(SocketEvent received, Func<string, JsonElement, Task<(string Code, string Error)?>> take)
        {
            if (handle() is not { } robot)
            {
                refusals.Refuse(received, "not_identified", "This is for a robot that has said who it is.");
            }
            else if (await take(robot, received[0]) is var (code, error))
            {
                refusals.Refuse(received, code, error);
            }
            else
            {
                received.Acknowledge(new { ok = true });
            }
        }
    }

    /// <summary>Takes <c>{"charging": bool}</c>; some existing robots say 0 and 1.</summary>
    private async Task<(string Code, string Error)?> ChargeAsync(string handle, JsonElement argument)
    {
        var charging = argument.ValueKind == JsonValueKind.Object && argument.TryGetProperty("charging", out var said) ? said : default;
        var isCharging = charging.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Number when charging.TryGetInt32(out var number) && number is 0 or 1 => number == 1,
            _ => (bool?)null,
        };
        return isCharging is not { } known ? BadRequest("charging: true or false is expected.")
            : await charges.SetAsync(handle, known) ? null
            : ("too_fast", "This changes too often.");
    }

    /// <summary>Takes <c>{"ip": addresses with blanks between}</c>, or that text alone, as very old robots send it.</summary>
    private async Task<(string Code, string Error)?> AddressesAsync(string handle, JsonElement argument)
    {
        var ip = argument.ValueKind == JsonValueKind.Object && argument.TryGetProperty("ip", out var field) ? field : argument;
        if (ip.ValueKind != JsonValueKind.String || ip.GetString() is not { Length: <= MaxAddressesLength } text)
        {
            return BadRequest("ip: a text with addresses is expected.");
        }

        var addresses = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Select(word => IPAddress.TryParse(word, out var address) ? address.ToString() : null)
            .OfType<string>()
            .Take(MaxAddresses)
            .ToArray();
        await presence.AddressesAsync(handle, addresses);
        return null;
    }

    /// <summary>Takes <c>{"reverse_ssh": bool}</c>: whether it accepts to open a tunnel when its owner says so.</summary>
    private async Task<(string Code, string Error)?> CapabilitiesAsync(Socket socket, string handle, JsonElement argument)
    {
        if (argument.ValueKind != JsonValueKind.Object)
        {
            return BadRequest("An object is expected.");
        }

        var accepts = argument.TryGetProperty("reverse_ssh", out var said) && said.ValueKind == JsonValueKind.True;
        if (accepts)
        {
            socket.Join(ReverseSshRoomOf(handle));
        }
        else
        {
            socket.Leave(ReverseSshRoomOf(handle));
        }

        await connections.AcceptsReverseSshAsync(handle, accepts);
        return null;
    }

    private async Task<(string Code, string Error)?> ReverseSshInfoAsync(string handle, JsonElement argument)
    {
        if (argument.ValueKind != JsonValueKind.String)
        {
            return BadRequest("A text is expected.");
        }

        var text = argument.GetString()!;
        await presence.ReverseSshSaidAsync(handle, text.Length <= MaxInfoLength ? text : text[..MaxInfoLength]);
        return null;
    }

    private static (string Code, string Error) BadRequest(string error) => ("bad_request", error);
}
