using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using GemmaVk.Transcripts;

namespace GemmaVk.Shared;

public static partial class Arbitraries
{
    /// <summary>A text of words that all differ, so that no overlap but the true one fits.</summary>
    public static Arbitrary<CutText> CutTexts
    {
        get
        {
            Gen<CutText> texts =
                from words in Gen.Choose(1, 40)
                from cut in Gen.Choose(0, words)
                from overlap in Gen.Choose(0, Math.Min(cut, Seam.MostWords))
                select new CutText(words, cut, overlap);
            return Arb.From(texts, text => Draw.Nearer(0, text.Overlap).Select(overlap => text with { Overlap = overlap })
                .Concat(Draw.Nearer(text.Overlap, text.Cut).Select(cut => text with { Cut = cut }))
                .Concat(Draw.Nearer(Math.Max(1, text.Cut), text.Words).Select(words => text with { Words = words })));
        }
    }
}

/// <summary>A text heard in two pieces that share some words.</summary>
public sealed record CutText(int Words, int Cut, int Overlap);
