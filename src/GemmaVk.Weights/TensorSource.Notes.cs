using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Model;

namespace GemmaVk.Weights;

/// <summary>What a folder says and what it holds that is passed over: each a line for whoever uses the model.</summary>
public abstract partial class TensorSource
{
    private const int MostUnused = 4;

    /// <summary>Lines about what is passed over: other weights, templates and settings; none for a folder as it was published.</summary>
    public IReadOnlyList<string> Notes()
    {
        if (IsGguf)
        {
            return [.. OwnNotes, .. Losses()];
        }

        List<string> notes = [];
        if (FolderContents.NotRead(Directory, _index.Files.Select(file => file.Path)) is { } files)
        {
            notes.Add(files);
        }

        if (FolderContents.OtherTemplate(Directory) is { } template)
        {
            notes.Add(template);
        }

        if (Settings is { Count: > 0 } settings)
        {
            notes.Add($"{System.IO.Path.Combine(Directory, "generation_config.json")}: {string.Join(", ", settings)} {(settings.Count == 1 ? "is" : "are")} not applied: answers are drawn by temperature, top_k, top_p and min_p alone");
        }

        if (_unused.Count > 0)
        {
            notes.Add($"{Directory}: {string.Join(", ", _unused.Order(StringComparer.Ordinal).Take(MostUnused))}{(_unused.Count > MostUnused ? $" and {_unused.Count - MostUnused} more tensors" : "")} {(_unused.Count == 1 ? "has" : "have")} no place in the model and {(_unused.Count == 1 ? "is" : "are")} not read");
        }

        return notes;
    }

    /// <summary>What was noticed when the files were opened.</summary>
    private protected virtual IReadOnlyList<string> OwnNotes => [];

    /// <summary>What generation_config.json asks for and is not done.</summary>
    private protected virtual IReadOnlyList<string> Settings => [];
}
