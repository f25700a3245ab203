using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Mcp.Permissions;
using GemmaVk.Text;

namespace GemmaVk.Mcp.Calls;

/// <summary>The calls that one question leads to: who may be called, how often, and what comes of it.</summary>
/// <param name="box">The tools.</param>
/// <param name="permissions">Which may be called.</param>
/// <param name="loader">Reads pictures and sounds of results, or null where the model takes none.</param>
/// <param name="said">Told of each call and what came of it, or null.</param>
public sealed class ToolRounds(Toolbox box, ToolPermissions permissions, MediaLoader? loader, Action<ToolCall, ToolAnswer>? said = null)
{
    private readonly Dictionary<string, int> _made = [];
    private int _rounds;

    /// <summary>Whether a call is one of a tool here.</summary>
    public bool Owns(ToolCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return box.Find(call.Name) is not null;
    }

    /// <summary>Begins another round: an answer has made calls.</summary>
    /// <returns>The sentence that ends the answer where there were too many, or null.</returns>
    public string? Begin() => ++_rounds <= box.Limits.Rounds ? null
        : $"The answer ends here: it made calls in {box.Limits.Rounds} rounds, as many as --tool-rounds allows, and wants more.";

    /// <summary>Makes a call, where it may be made.</summary>
    /// <param name="call">The call.</param>
    /// <param name="cancel">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>What the model gets, and the sentence that ends the answer where the call goes in a circle.</returns>
    public async Task<(ToolOutput Output, string? Ends)> RunAsync(ToolCall call, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(call);
        string key = $"{call.Name} {Canonical(call.Arguments)}";
        int times = _made[key] = _made.GetValueOrDefault(key) + 1;
        if (times > box.Limits.Repeats)
        {
            string circle = $"The answer ends here: it made the same call of {call.Name} for the {times}th time.";
            return (new ToolOutput(ToolAnswer.Error(circle)), circle);
        }

        ToolAnswer answer = await Answer(call, cancel).ConfigureAwait(false);
        said?.Invoke(call, answer);
        return (answer.For(loader, box.Limits, cancel), null);
    }

    private async Task<ToolAnswer> Answer(ToolCall call, CancellationToken cancel)
    {
        OfferedTool? before = box.Find(call.Name);
        if (box.IsStale)
        {
            await box.RefreshAsync(cancel).ConfigureAwait(false);
        }

        // What was declared to the model is what may be called: the same name may stand for something else now.
        if (box.Find(call.Name) is not { } tool || tool.Tool.Fingerprint != before?.Tool.Fingerprint)
        {
            return ToolAnswer.Failed(before is null ? $"There is no tool {call.Name}." : $"Its server has changed the tool {call.Name}, which is no longer what was offered; it was not called.");
        }

        JsonElement arguments = call.Arguments.ValueKind == JsonValueKind.Object ? call.Arguments : ToolSchema.Nothing;
        return await permissions.MayAsync(tool, arguments, cancel).ConfigureAwait(false)
            ? await tool.Tool.CallAsync(arguments, cancel).ConfigureAwait(false)
            : ToolAnswer.Failed($"The user does not allow {call.Name}; it was not called.");
    }

    private static string Canonical(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(',', value.EnumerateObject().OrderBy(pair => pair.Name, StringComparer.Ordinal).Select(pair => $"{pair.Name}:{Canonical(pair.Value)}"))}}}",
        JsonValueKind.Array => $"[{string.Join(',', value.EnumerateArray().Select(Canonical))}]",
        JsonValueKind.Undefined => "",
        _ => value.GetRawText(),
    };
}
