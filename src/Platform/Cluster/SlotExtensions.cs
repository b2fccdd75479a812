using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

using SocketIO;

namespace LiveRobot.Platform.Cluster;

/// <summary>How the services keep to the slots of their node.</summary>
public static class SlotExtensions
{
    /// <summary>Where a front finds a slot's services at the site's origin. The route has the number as <c>slot</c>.</summary>
    public const string PathPrefix = "/slots/{slot:int}";

    /// <summary>Answers newcomers with 503 while this node does not have the slot in the path; the front has not noticed yet.</summary>
    public static IEndpointConventionBuilder OfSlot(this IEndpointConventionBuilder endpoint, IEndpointRouteBuilder endpoints, string service)
    {
        var leases = endpoints.ServiceProvider.GetRequiredService<SlotLeases>();
        endpoint.Add(builder =>
        {
            var serve = builder.RequestDelegate!;
            builder.RequestDelegate = context =>
            {
                // What a client has open goes on: its session is here and nowhere else.
                var isNew = !context.Request.Query.ContainsKey("sid");
                if (isNew && !leases.Serves(service, int.Parse((string)context.GetRouteValue("slot")!, System.Globalization.CultureInfo.InvariantCulture)))
                {
                    context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                    return Task.CompletedTask;
                }

                return serve(context);
            };
        });
        return endpoint;
    }

    /// <summary>
    /// Takes a socket that is a robot, or has chosen one, as long as this node has the robot's slot. When it does not, now or
    /// later, the connection is closed as if it were lost: the client comes again and finds the node that has it. To be
    /// called by a handler of the socket.
    /// </summary>
    /// <returns>False when it is closed now.</returns>
    public static bool Admit(this SlotLeases leases, Socket socket, string service, int number)
    {
        if (!leases.Serves(service, number))
        {
            socket.CloseConnection();
            return false;
        }

        var slot = new Slot(service, number);
        if (leases.UntilLost(slot) is { CanBeCanceled: true } lost && !socket.Items.ContainsKey(slot))
        {
            var registration = lost.Register(socket.CloseConnection);
            socket.Items[slot] = registration;
            socket.OnDisconnect(_ => registration.Dispose());
        }

        return true;
    }
}
