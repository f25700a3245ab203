using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Documents.Answers;
using GemmaVk.Documents.Search;
using GemmaVk.Mcp.Calls;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Cli.Reading;

/// <summary>The search in an indexed folder for other programs: passages by their words, without the model, which may be answering.</summary>
/// <param name="index">The folder.</param>
internal sealed class FolderSearch(IPassageFinder index) : ICallableTool
{
    /// <inheritdoc/>
    public ToolDeclaration Declaration => SearchTool.Declaration;

    /// <inheritdoc/>
    public string Origin => ICallableTool.Own;

    /// <inheritdoc/>
    public string Fingerprint => ICallableTool.Own;

    /// <inheritdoc/>
    public Task<ToolAnswer> CallAsync(JsonElement arguments, CancellationToken cancel)
    {
        try
        {
            // What one caller found is nothing to the next.
            return Task.FromResult(ToolAnswer.Of(new SearchTool(new PassageSearch(index)).Run(new ToolCall(SearchTool.Name, arguments), cancel).GetString()!));
        }
        catch (GemmaVkException error)
        {
            return Task.FromResult(ToolAnswer.Failed(error.Message));
        }
    }
}
