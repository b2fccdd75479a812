using System.Text.Json;

using Microsoft.AspNetCore.Http.HttpResults;

namespace LiveRobot.Api.Accounts;

/// <summary>The text fields of a body that existing clients send as JSON or as a form.</summary>
internal sealed class RequestFields
{
    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);

    /// <summary>Gets whether the body was a form: the existing viewer app sends one, and reads refusals in its own way.</summary>
    public bool IsForm { get; private init; }

    /// <summary>Gets what is wrong with the body as a whole, or null.</summary>
    public ProblemHttpResult? Problem { get; private init; }

    /// <summary>Gets a field, or null when it is missing or not a text.</summary>
    public string? this[string name] => _fields.GetValueOrDefault(name);

    /// <summary>Binds the parameter of an endpoint. Fields that are not texts are passed over.</summary>
    public static async ValueTask<RequestFields?> BindAsync(HttpContext context)
    {
        var request = context.Request;
        try
        {
            if (request.HasFormContentType)
            {
                var form = await request.ReadFormAsync(context.RequestAborted);
                var fields = new RequestFields { IsForm = true };
                foreach (var (name, value) in form)
                {
                    fields._fields[name] = value.ToString();
                }

                return fields;
            }

            if (!request.HasJsonContentType())
            {
                return new RequestFields { Problem = Problems.UnsupportedBody() };
            }

            using var json = await JsonDocument.ParseAsync(request.Body, cancellationToken: context.RequestAborted);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                return new RequestFields { Problem = Problems.Bad("The body is not a JSON object.") };
            }

            var read = new RequestFields();
            foreach (var field in json.RootElement.EnumerateObject().Where(field => field.Value.ValueKind == JsonValueKind.String))
            {
                read._fields[field.Name] = field.Value.GetString()!;
            }

            return read;
        }
        catch (BadHttpRequestException exception)
        {
            return new RequestFields { Problem = Problems.Of(exception) };
        }
        catch (Exception exception) when (exception is JsonException or InvalidDataException or InvalidOperationException)
        {
            // The last: a text with half of a surrogate pair.
            return new RequestFields { Problem = Problems.Bad("The body is not well-formed JSON, or not a well-formed form.") };
        }
    }
}
