using System.IO;

namespace GemmaVk.Cli.Tests;

/// <summary>Tools that the small model was taught to call.</summary>
internal static class ToolFiles
{
    private const string Time =
        """{"name": "get_time", "description": "Get the time in a city.", "parameters": {"type": "object", "properties": {"city": {"type": "string", "description": "The city."}}, "required": ["city"]}}""";

    private const string TurnOn =
        """{"name": "turn_on", "description": "Turn on a thing.", "parameters": {"type": "object", "properties": {"thing": {"type": "string", "description": "The thing."}}, "required": ["thing"]}}""";

    /// <summary>The forms in which tools are declared: OpenAI's list, bare functions, a request, one alone.</summary>
    public static string[] Forms { get; } =
    [
        $"[{Wrapped(Time)}, {Wrapped(TurnOn)}]",
        $"[{Time}, {TurnOn}]",
        $$"""{"model": "any", "tools": [{{Wrapped(Time)}}, {{Wrapped(TurnOn)}}]}""",
        TurnOn,
    ];

    /// <summary>Writes both as OpenAI has them.</summary>
    public static void Write(string path) => File.WriteAllText(path, Forms[0]);

    /// <summary>The call of turn_on as it is printed.</summary>
    public static string Call(string thing) => $$$"""{"name":"turn_on","arguments":{"thing":"{{{thing}}}"}}""";

    private static string Wrapped(string function) => $$"""{"type": "function", "function": {{function}}}""";
}
