using System;
using System.Collections.Generic;
using System.Threading;
using GemmaVk.Grammar;

namespace GemmaVk.Structured;

/// <summary>The grammars that were used last, with their masks: callers bring the same schema with every request.</summary>
internal static class ShapeCache
{
    private const int Most = 8;

    private static readonly Lock Gate = new();

    // The one that was used longest ago first.
    private static readonly List<(string Kind, string Source, KnownGrammar Grammar)> Known = [];

    /// <summary>The grammar of a source, compiled if it is new.</summary>
    public static KnownGrammar Of(string kind, string source, Func<TextGrammar> build) =>
        Find(kind, source, null) ?? Find(kind, source, new KnownGrammar(build()))!;

    /// <summary>What is known of a source, or else <paramref name="built"/>, which is known from then on.</summary>
    private static KnownGrammar? Find(string kind, string source, KnownGrammar? built)
    {
        lock (Gate)
        {
            int at = Known.FindIndex(known => known.Kind == kind && known.Source == source);
            if (at >= 0)
            {
                built = Known[at].Grammar;
                Known.RemoveAt(at);
            }

            if (built is not null)
            {
                Known.Add((kind, source, built));
            }

            if (Known.Count > Most)
            {
                Known.RemoveAt(0);
            }

            return built;
        }
    }
}
