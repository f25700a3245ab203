using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Mcp.Calls;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Mcp.Serving;

/// <summary>A search in the user's documents as a tool: for the model itself, and for other programs.</summary>
/// <param name="documents">What is searched.</param>
public sealed class SearchDocuments(IDocumentSearch documents) : ICallableTool
{
    private const int UsualPassages = 5;
    private const int MostPassages = 20;

    /// <inheritdoc/>
    public ToolDeclaration Declaration { get; } = ToolSchema.Declare(
        "search_documents",
        "Finds passages in the user's documents, with file and page.",
        """{"type":"object","properties":{"query":{"type":"string","description":"What to find."},"passages":{"type":"integer","description":"How many; 5 without it."}},"required":["query"],"additionalProperties":false}""");

    /// <inheritdoc/>
    public string Origin => ICallableTool.Own;

    /// <inheritdoc/>
    public string Fingerprint => ICallableTool.Own;

    /// <inheritdoc/>
    public async Task<ToolAnswer> CallAsync(JsonElement arguments, CancellationToken cancel)
    {
        try
        {
            int most = Math.Clamp(ToolSchema.Number(arguments, "passages") ?? UsualPassages, 1, MostPassages);
            IReadOnlyList<FoundPassage> found = await documents.SearchAsync(ToolSchema.Text(arguments, "query") ?? "", most, cancel).ConfigureAwait(false);
            return ToolAnswer.Of(found.Count == 0 ? "(found nowhere)" : string.Join("\n\n", found.Select(passage =>
                string.Create(CultureInfo.InvariantCulture, $"{passage.File}{(passage.Page is { } page ? $", page {page}" : "")}:\n{passage.Text}"))));
        }
        catch (GemmaVkException error)
        {
            return ToolAnswer.Failed(error.Message);
        }
    }
}
