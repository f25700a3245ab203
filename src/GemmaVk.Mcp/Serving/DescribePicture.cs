using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Mcp.Calls;
using GemmaVk.Text;
using Microsoft.Extensions.AI;

namespace GemmaVk.Mcp.Serving;

/// <summary>Says what is in a picture.</summary>
internal sealed class DescribePicture(Task<GemmaEngine> engine, GivenFiles files, MediaLoader loader) : ICallableTool
{
    /// <inheritdoc/>
    public ToolDeclaration Declaration { get; } = ToolSchema.Declare(
        "describe_picture",
        "Says what is in a picture, or answers a question about it.",
        $$$"""{"type":"object","properties":{{{{GivenFiles.Properties}}},"question":{"type":"string","description":"What to say of it; without it, what is in it."},"max_tokens":{"type":"integer","description":"Longest answer; 2048 without it."}},"required":[],"additionalProperties":false}""");

    /// <inheritdoc/>
    public string Origin => ICallableTool.Own;

    /// <inheritdoc/>
    public string Fingerprint => ICallableTool.Own;

    /// <inheritdoc/>
    public async Task<ToolAnswer> CallAsync(JsonElement arguments, CancellationToken cancel)
    {
        (Stream bytes, string name) = files.Open(arguments, "a picture");
        using (bytes)
        {
            LoadedMedia picture = loader.Load(ChatPartKind.Image, bytes, name, cancel);
            using GemmaChatClient client = new(await engine.WaitAsync(cancel).ConfigureAwait(false));
            AIContent[] question = [.. picture.Parts.Select(part => new MediaContent(part)), new TextContent(ToolSchema.Text(arguments, "question") ?? "What is in this picture?")];
            return await AskModel.Answer(client, question, arguments, cancel).ConfigureAwait(false);
        }
    }
}
