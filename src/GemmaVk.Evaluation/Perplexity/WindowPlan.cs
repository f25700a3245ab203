using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Tensors;

namespace GemmaVk.Evaluation.Perplexity;

// Letters: N tokens of the text without bos, C positions of a window with bos, S stride.

/// <summary>
/// The windows in which a text is scored. Each begins with bos, which takes one of its C positions. Sliding windows begin S tokens apart.
/// Sources: Hugging Face, "Perplexity of fixed-length models" (sliding); llama.cpp, tools/perplexity (halves).
/// </summary>
public sealed record WindowPlan
{
    /// <summary>Context where none is asked for.</summary>
    public const int UsualContext = 2048;

    /// <summary>Context of <see cref="WindowKind.Halves"/> where none is asked for: that of llama-perplexity.</summary>
    public const int UsualHalves = 512;

    private WindowPlan(WindowKind kind, int context, int stride, IReadOnlyList<TextWindow> windows) => (Kind, Context, Stride, Windows) = (kind, context, stride, windows);

    /// <summary>Which tokens count.</summary>
    public WindowKind Kind { get; }

    /// <summary>C.</summary>
    public int Context { get; }

    /// <summary>S.</summary>
    public int Stride { get; }

    /// <summary>The fewest tokens that a counted one has before it, bos aside; those of the first sliding window have fewer.</summary>
    public int Overlap => Kind == WindowKind.Sliding ? Context - 1 - Stride : Context / 2;

    /// <summary>The windows, in order.</summary>
    public IReadOnlyList<TextWindow> Windows { get; }

    /// <summary>Tokens that count.</summary>
    public int Tokens => Windows.Sum(window => window.Scored);

    /// <summary>Plans the windows of a text.</summary>
    /// <param name="kind">Which tokens count.</param>
    /// <param name="tokens">N.</param>
    /// <param name="context">C, 2 or more.</param>
    /// <param name="stride">S, from 1 to C - 1; null for half of C. Halves have none.</param>
    /// <exception cref="GemmaVkException">The text is too short, or a number is out of its range.</exception>
    public static WindowPlan Of(WindowKind kind, int tokens, int context, int? stride = null)
    {
        const int Least = 2;
        if (tokens < Least)
        {
            throw new GemmaVkException($"the text has {tokens} token{(tokens == 1 ? "" : "s")}: expected {Least} or more, because a likelihood is that of what follows; give a longer text.");
        }

        if (context < Least)
        {
            throw new GemmaVkException($"--context {context}: expected {Least} or more: bos and a token that follows it; leave it out for the default.");
        }

        return kind == WindowKind.Sliding ? Sliding(tokens, context, stride) : Halves(tokens, context, stride);
    }

    private static WindowPlan Sliding(int N, int C, int? stride)
    {
        int S = stride ?? Math.Max(1, C / 2);
        if (S < 1 || S > C - 1)
        {
            throw new GemmaVkException($"--stride {S}: expected 1 to {C - 1}, one less than --context {C}, because bos takes a position; leave it out for half of the context.");
        }

        List<TextWindow> windows = [];
        int end = 0;
        for (long first = 0; end < N; first += S)
        {
            int next = (int)Math.Min(N, first + C - 1);
            windows.Add(new TextWindow((int)first, next, end));
            end = next;
        }

        return new WindowPlan(WindowKind.Sliding, C, S, windows);
    }

    private static WindowPlan Halves(int N, int C, int? stride)
    {
        if (stride is not null)
        {
            throw new GemmaVkException("--stride and --windows halves: expected one of them, because halves do not overlap; drop one.");
        }

        // bos counts as the text's first token there, and takes the place of each piece's first.
        int pieces = (N + 1) / C;
        if (pieces == 0 || C < 4)
        {
            throw new GemmaVkException($"the text has {N} tokens and bos: --windows halves needs at least one piece of --context {C}, and a context of 4 or more; give a longer text or another --context.");
        }

        return new WindowPlan(WindowKind.Halves, C, C, [.. Enumerable.Range(0, pieces).Select(i => new TextWindow(i * C, (i * C) + C - 1, (i * C) + (C / 2)))]);
    }
}
