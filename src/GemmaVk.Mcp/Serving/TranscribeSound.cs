using System.IO;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Mcp.Calls;
using GemmaVk.Speech;
using GemmaVk.Text;
using Microsoft.Extensions.AI;

namespace GemmaVk.Mcp.Serving;

/// <summary>Writes down what is said in a sound.</summary>
internal sealed class TranscribeSound(Task<GemmaEngine> engine, GivenFiles files) : ICallableTool
{
    /// <inheritdoc/>
    public ToolDeclaration Declaration { get; } = ToolSchema.Declare(
        "transcribe",
        "Writes down what is said in a sound or video file.",
        $$$"""{"type":"object","properties":{{{{GivenFiles.Properties}}},"language":{"type":"string","description":"The language that is spoken, such as en; found out without it."}},"required":[],"additionalProperties":false}""");

    /// <inheritdoc/>
    public string Origin => ICallableTool.Own;

    /// <inheritdoc/>
    public string Fingerprint => ICallableTool.Own;

    /// <inheritdoc/>
    public async Task<ToolAnswer> CallAsync(JsonElement arguments, CancellationToken cancel)
    {
        (Stream bytes, _) = files.Open(arguments, "a sound");
        using (bytes)
        {
            using GemmaSpeechToTextClient client = new(await engine.WaitAsync(cancel).ConfigureAwait(false));
            SpeechToTextResponse response = await client.GetTextAsync(bytes, new SpeechToTextOptions { SpeechLanguage = ToolSchema.Text(arguments, "language") }, cancel).ConfigureAwait(false);
            return ToolAnswer.Of(response.Text);
        }
    }
}
