namespace GemmaVk.Evaluation.Perplexity;

/// <summary>A stretch of a text that is taken in behind bos, and which of its tokens are scored; all are counted from the text's first token on.</summary>
/// <param name="First">The first token that is taken in.</param>
/// <param name="End">The one after the last.</param>
/// <param name="ScoredFrom">The first that is scored; so are all after it.</param>
public readonly record struct TextWindow(int First, int End, int ScoredFrom)
{
    /// <summary>Tokens that are scored.</summary>
    public int Scored => End - ScoredFrom;
}
