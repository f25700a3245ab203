using System;
using System.Collections.Generic;
using System.Text.Json;
using System.Threading;
using GemmaVk.Documents.Search;
using GemmaVk.Text;

namespace GemmaVk.Documents.Answers;

/// <summary>The tool with which a model, the one here or another program's, asks for more passages. It reads an index, and can do nothing else.</summary>
/// <param name="search">Finds them.</param>
public sealed class SearchTool(PassageSearch search)
{
    /// <summary>What it is called.</summary>
    public const string Name = "search_documents";

    /// <summary>Most calls of one answer: what goes on calling is ended.</summary>
    public const int MostRounds = 4;

    private const int UsualPassages = 5;
    private const int MostPassages = 10;

    private const string Schema =
        """
        {"name": "search_documents", "description": "Finds passages in the user's documents, with file and page.", "strict": true,
         "parameters": {"type": "object", "properties": {"query": {"type": "string", "minLength": 1, "maxLength": 100, "description": "Words to look for."},
          "passages": {"type": "integer", "minimum": 1, "maximum": 10, "description": "How many; 5 without it."}}, "required": ["query"], "additionalProperties": false}}
        """;

    private readonly List<Passage> _found = [];

    /// <summary>As the chat template declares it, with strict arguments.</summary>
    public static ToolDeclaration Declaration { get; } = new(JsonElement.Parse(Schema));

    /// <summary>All that it has found so far.</summary>
    public IReadOnlyList<Passage> Found => _found;

    /// <summary>Answers a call.</summary>
    /// <returns>The passages as quoted text; a sentence where the call is none of its own, or nothing was found.</returns>
    public JsonElement Run(ToolCall call, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (call.Name != Name)
        {
            return Words($"{call.Name} is not offered: nothing was done.");
        }

        string query = call.Arguments.ValueKind == JsonValueKind.Object && call.Arguments.TryGetProperty("query", out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        if (string.IsNullOrWhiteSpace(query))
        {
            return Words("expected a query: words to look for.");
        }

        IReadOnlyList<FoundPassage> found = search.FindAsync(query, Wanted(call.Arguments), cancel).GetAwaiter().GetResult();
        foreach (FoundPassage each in found)
        {
            if (!_found.Contains(each.Passage))
            {
                _found.Add(each.Passage);
            }
        }

        return Words(found.Count == 0 ? "Nothing was found." : $"{QuotedPassages.Before}\n{QuotedPassages.Of(System.Linq.Enumerable.Select(found, each => each.Passage))}");
    }

    private static int Wanted(JsonElement arguments) =>
        arguments.TryGetProperty("passages", out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int many) ? Math.Clamp(many, 1, MostPassages) : UsualPassages;

    private static JsonElement Words(string text) => TextValue.Of(text);
}
