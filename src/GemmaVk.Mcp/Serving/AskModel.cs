using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Mcp.Calls;
using GemmaVk.Text;
using Microsoft.Extensions.AI;

namespace GemmaVk.Mcp.Serving;

/// <summary>Asks the model a question.</summary>
internal sealed class AskModel(Task<GemmaEngine> engine) : ICallableTool
{
    private const int UsualTokens = 2048;

    /// <inheritdoc/>
    public ToolDeclaration Declaration { get; } = ToolSchema.Declare(
        "ask",
        "Asks a language model that runs on this machine. It sees the question alone: give it all that it needs.",
        """{"type":"object","properties":{"question":{"type":"string","description":"The question, with the text that it is about."},"system":{"type":"string","description":"How to answer."},"max_tokens":{"type":"integer","description":"Longest answer; 2048 without it."}},"required":["question"],"additionalProperties":false}""");

    /// <inheritdoc/>
    public string Origin => ICallableTool.Own;

    /// <inheritdoc/>
    public string Fingerprint => ICallableTool.Own;

    /// <inheritdoc/>
    public async Task<ToolAnswer> CallAsync(JsonElement arguments, CancellationToken cancel)
    {
        using GemmaChatClient client = new(await engine.WaitAsync(cancel).ConfigureAwait(false));
        return await Answer(client, [new TextContent(ToolSchema.Text(arguments, "question"))], arguments, cancel).ConfigureAwait(false);
    }

    /// <summary>Has a question answered.</summary>
    public static async Task<ToolAnswer> Answer(GemmaChatClient client, AIContent[] question, JsonElement arguments, CancellationToken cancel)
    {
        Microsoft.Extensions.AI.ChatOptions options = new()
        {
            Instructions = ToolSchema.Text(arguments, "system"),
            MaxOutputTokens = ToolSchema.Number(arguments, "max_tokens") ?? UsualTokens,
            Temperature = 0,
        };
        ChatResponse response = await client.GetResponseAsync([new(ChatRole.User, question.ToList())], options, cancel).ConfigureAwait(false);
        return ToolAnswer.Of(response.FinishReason == ChatFinishReason.Length ? $"{response.Text}\n(cut off at {options.MaxOutputTokens} tokens)" : response.Text);
    }
}
