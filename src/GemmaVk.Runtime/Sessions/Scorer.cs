using System;
using System.Threading;
using GemmaVk.Runtime.Logits;

namespace GemmaVk.Runtime.Sessions;

/// <summary>The likelihood of texts, one at a time: <see cref="ContinuousBatch.Score"/> has the same beside answers.</summary>
/// <param name="model">What runs.</param>
public sealed class Scorer(GemmaModel model)
{
    /// <summary>How likely each token of a text was after those before it.</summary>
    /// <param name="session">What it begins with like the text stays in its cache; afterwards it holds the text, with the last token pending.</param>
    /// <param name="text">The whole text.</param>
    /// <param name="options">What is wanted; null for every token after the first.</param>
    /// <param name="cancel">Ends it between two chunks.</param>
    /// <exception cref="ContextFullException">The text does not fit into the context.</exception>
    /// <exception cref="OperationCanceledException">The caller ended it; the session can go on.</exception>
    public Likelihoods Score(Session session, PromptRows text, ScoreOptions? options = null, CancellationToken cancel = default)
    {
        Scoring scoring = new(model, session, text, options ?? new ScoreOptions(), cancel);
        try
        {
            while (!scoring.Done)
            {
                scoring.HeedCancel();
                if (scoring.InPrompt)
                {
                    scoring.TakeIn();
                }
            }

            return scoring.Result();
        }
        finally
        {
            scoring.Release();
        }
    }
}
