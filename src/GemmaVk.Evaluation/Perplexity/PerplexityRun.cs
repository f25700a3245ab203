using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Evaluation.Statistics;
using GemmaVk.Runtime.Logits;
using GemmaVk.Runtime.Sessions;

namespace GemmaVk.Evaluation.Perplexity;

/// <summary>Scores a text window by window, through the same pass as every prompt.</summary>
public static class PerplexityRun
{
    /// <summary>Scores it.</summary>
    /// <param name="engine">The model; a session of the plan's context must fit.</param>
    /// <param name="text">The text.</param>
    /// <param name="plan">Its windows.</param>
    /// <param name="listeners">Take every scored token with its logits, in order.</param>
    /// <param name="progress">Called with tokens done and tokens in all.</param>
    /// <param name="cancel">Ends it between two chunks.</param>
    /// <exception cref="Tensors.GemmaVkException">It does not fit into the memory, or a listener cannot write.</exception>
    public static async Task<PerplexityResult> Run(
        GemmaEngine engine, EvaluatedText text, WindowPlan plan, IReadOnlyList<ILogitsListener> listeners, Action<int, int>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(plan);
        long start = Stopwatch.GetTimestamp();
        double[] nll = new double[plan.Tokens];
        int done = 0;
        int bos = engine.Tokenizer.Specials.Bos;
        using GemmaSession session = engine.NewSession(plan.Context);
        foreach (TextWindow window in plan.Windows.Where(window => window.Scored > 0))
        {
            void Take(int row, TokenLogprob token, ReadOnlySpan<float> logits)
            {
                nll[done] = -token.Logprob;
                ScoredToken scored = new(done++, token.Id, token.Logprob, token.Rank, row);
                foreach (ILogitsListener listener in listeners)
                {
                    listener.Take(scored, logits, logits[token.Id] - token.Logprob);
                }
            }

            PromptRows rows = new([bos, .. text.Ids.AsSpan(window.First, window.End - window.First)]);
            await session.ScoreAsync(rows, new ScoreOptions(window.ScoredFrom - window.First + 1) { OnRow = Take }, cancel).ConfigureAwait(false);
            progress?.Invoke(done, nll.Length);
        }

        long bytes = plan.Kind == WindowKind.Sliding ? text.Bytes
            : plan.Windows.Sum(window => text.Ids.AsSpan(window.ScoredFrom, window.Scored).ToArray().Sum(id => (long)EvaluatedText.BytesOf(engine.Tokenizer, id)));
        return new PerplexityResult(plan, Interval.OfMean(nll), bytes, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }
}
