using System.Text.Json.Serialization;

namespace LiveRobot.ControlSocket.Commands;

/// <summary>An acknowledgement: <c>{"ok":true}</c> or <c>{"ok":false,"error","code"}</c>.</summary>
internal sealed record Reply(
    [property: JsonPropertyName("ok")] bool IsOk,
    [property: JsonPropertyName("error"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Error,
    [property: JsonPropertyName("code"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Code)
{
    public static Reply To(Refusal? refusal) => new(refusal is null, refusal?.Error, refusal?.Code);
}
