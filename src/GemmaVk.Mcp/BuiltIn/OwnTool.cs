using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Mcp.Calls;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Mcp.BuiltIn;

/// <summary>A tool of the program itself: what is wrong with a call is its result.</summary>
/// <param name="declaration">Its name, what it does and its arguments.</param>
internal abstract class OwnTool(ToolDeclaration declaration) : ICallableTool
{
    /// <inheritdoc/>
    public ToolDeclaration Declaration { get; } = declaration;

    /// <inheritdoc/>
    public string Origin => ICallableTool.Own;

    /// <inheritdoc/>
    public string Fingerprint => ICallableTool.Own;

    /// <inheritdoc/>
    public virtual Task<ToolAnswer> CallAsync(JsonElement arguments, CancellationToken cancel) => Task.FromResult(Answer(arguments, cancel));

    /// <summary>Answers a call, with a sentence where it cannot.</summary>
    protected ToolAnswer Answer(JsonElement arguments, CancellationToken cancel)
    {
        try
        {
            return Call(arguments, cancel);
        }
        catch (GemmaVkException error)
        {
            return ToolAnswer.Failed(error.Message);
        }
    }

    /// <summary>What it does.</summary>
    /// <exception cref="GemmaVkException">It cannot, for this reason.</exception>
    protected abstract ToolAnswer Call(JsonElement arguments, CancellationToken cancel);
}
