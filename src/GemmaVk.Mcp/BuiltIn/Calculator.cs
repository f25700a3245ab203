using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Mcp.Calls;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Mcp.BuiltIn;

/// <summary>Calculates: exact, with numbers up to a limit.</summary>
internal sealed class Calculator : ICallableTool
{
    /// <inheritdoc/>
    public ToolDeclaration Declaration { get; } = ToolSchema.Declare(
        "calculator",
        "Calculates an expression of numbers exactly: + - * / % ^ and brackets.",
        """{"type":"object","properties":{"expression":{"type":"string","description":"The expression, such as (47 + 85) * 3."}},"required":["expression"],"additionalProperties":false}""");

    /// <inheritdoc/>
    public string Origin => ICallableTool.Own;

    /// <inheritdoc/>
    public string Fingerprint => ICallableTool.Own;

    /// <inheritdoc/>
    public Task<ToolAnswer> CallAsync(JsonElement arguments, CancellationToken cancel)
    {
        try
        {
            return Task.FromResult(ToolAnswer.Of(Arithmetic.Of(ToolSchema.Text(arguments, "expression") ?? "").ToString()));
        }
        catch (GemmaVkException error)
        {
            return Task.FromResult(ToolAnswer.Failed(error.Message));
        }
    }
}
