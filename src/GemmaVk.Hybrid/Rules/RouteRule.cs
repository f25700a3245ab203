using System;
using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Hybrid.Rules;

/// <summary>A rule: where all its conditions hold, it decides.</summary>
/// <param name="Name">What it is called in messages.</param>
/// <param name="Action">Who answers.</param>
public sealed record RouteRule(string Name, RouteAction Action)
{
    /// <summary>The endpoint that may answer; null for <see cref="RouteAction.LocalOnly"/>.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Kinds of content of which one must be there: text (then nothing else is), image, audio, video; empty for any.</summary>
    public IReadOnlyList<string> Modality { get; init; } = [];

    /// <summary>More tokens than this, or null.</summary>
    public int? TokensOver { get; init; }

    /// <summary>Fewer tokens than this, or null.</summary>
    public int? TokensUnder { get; init; }

    /// <summary>Whether tools are offered, or null for either.</summary>
    public bool? Tools { get; init; }

    /// <summary>A word of the newest question, or null. It is taken out before anybody sees it.</summary>
    public string? Mark { get; init; }

    /// <summary>Whether a failure of the local model is a reason to ask for the endpoint.</summary>
    public bool OnFailure { get; init; } = true;

    /// <summary>Time that the local model has for its first words, or null.</summary>
    public TimeSpan? LocalTime { get; init; }

    /// <summary>Whether it decides.</summary>
    public bool Holds(RouteQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        return (Modality.Count == 0 || Modality.Any(kind => kind == "text" ? question.Modalities.Count == 0 : question.Modalities.Contains(kind)))
            && (TokensOver is not { } over || question.Tokens > over)
            && (TokensUnder is not { } under || question.Tokens < under)
            && (Tools is not { } tools || question.HasTools == tools)
            && (Mark is not { } mark || question.Says(mark));
    }
}
