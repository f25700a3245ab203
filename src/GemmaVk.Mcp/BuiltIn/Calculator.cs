using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Mcp.Calls;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Mcp.BuiltIn;

/// <summary>Calculates: exact, with numbers up to a limit.</summary>
internal sealed class Calculator() : OwnTool(ToolSchema.Declare(
    "calculator",
    "Calculates an expression of numbers exactly: + - * / % ^ and brackets.",
    """{"type":"object","properties":{"expression":{"type":"string","description":"The expression, such as (47 + 85) * 3."}},"required":["expression"],"additionalProperties":false}"""))
{
    /// <inheritdoc/>
    protected override ToolAnswer Call(JsonElement arguments, CancellationToken cancel)
    {
        return ToolAnswer.Of(Arithmetic.Of(ToolSchema.Text(arguments, "expression") ?? "").ToString());
    }
}
