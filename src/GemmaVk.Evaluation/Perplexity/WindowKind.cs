namespace GemmaVk.Evaluation.Perplexity;

/// <summary>Which tokens of a long text are counted, and what each has before it.</summary>
public enum WindowKind
{
    /// <summary>Windows that overlap: each counts what the one before did not hold, so that every token counts once and has some context.</summary>
    Sliding,

    /// <summary>
    /// Pieces that do not overlap, of which the second half counts: llama-perplexity's definition, for figures that are held against its. The rest of
    /// the text behind the last whole piece does not count.
    /// </summary>
    Halves,
}
