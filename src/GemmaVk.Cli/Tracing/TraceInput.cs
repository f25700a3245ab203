using System;
using System.Globalization;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Cli.Tracing;

/// <summary>What a trace runs: ids, a message, or a case with media.</summary>
internal sealed class TraceInput
{
    private readonly int[]? _ids;
    private readonly string? _prompt;
    private readonly string _source;

    private TraceInput(int[]? ids, string? prompt, TraceCase? @case, string source) => (_ids, _prompt, Case, _source) = (ids, prompt, @case, source);

    /// <summary>The case, where it is one.</summary>
    public TraceCase? Case { get; }

    /// <summary>Whether ids are made of text.</summary>
    public bool NeedsTokenizer => _prompt is not null;

    /// <summary>Takes what the flags gave.</summary>
    /// <exception cref="GemmaVkException">Not exactly one of them was given, or it cannot be read.</exception>
    public static TraceInput Of(string? ids, string? prompt, string? @case)
    {
        if ((ids is null ? 0 : 1) + (prompt is null ? 0 : 1) + (@case is null ? 0 : 1) != 1)
        {
            throw new GemmaVkException("trace: expected exactly one of --ids, --prompt and --case; they say what to run.");
        }

        TraceCase? read = @case is null ? null : TraceCase.Read(@case);
        return new TraceInput(ids is null ? read?.Ids : Numbers(ids), prompt, read, ids is not null ? "--ids" : $"--case {@case}");
    }

    /// <summary>The rows that go through the model.</summary>
    /// <exception cref="GemmaVkException">An id is none of the model's, or there are too many.</exception>
    public PromptRows Rows(GemmaEngine engine)
    {
        int[] ids = _ids ?? ChatTemplate.Render([new ChatMessage("user", _prompt!)]).Encode(engine.Tokenizer);
        int V = engine.Model.Config.VocabSize;
        int most = engine.Model.Config.MaxPositionEmbeddings;
        if (ids.Length == 0 || ids.Length > most)
        {
            throw new GemmaVkException($"{_source}: expected 1 to {most} ids, the model's max_position_embeddings, but {ids.Length} came; give others.");
        }

        foreach (int id in ids)
        {
            if (id < 0 || id >= V)
            {
                throw new GemmaVkException($"{_source}: expected ids from 0 to {V - 1}, the model's vocabulary, but {id} came; is it another model's?");
            }
        }

        return Case?.Prompt(engine.Model) ?? PromptRows.Of(engine.Model.Config, ids, []);
    }

    private static int[] Numbers(string text)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        int[] ids = new int[parts.Length];
        for (int i = 0; i < ids.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out ids[i]))
            {
                throw new GemmaVkException($"--ids: expected whole numbers separated by commas, such as 2,105,7, but '{parts[i]}' came; correct it.");
            }
        }

        return ids;
    }
}
