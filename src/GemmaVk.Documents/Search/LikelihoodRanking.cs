using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Runtime.Logits;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Text;

namespace GemmaVk.Documents.Search;

/// <summary>
/// Ranks passages by the model itself: how likely the question is in the user's turn behind the passage, as the mean log-likelihood of its tokens. Several sessions take the
/// passages in side by side; what their turns begin with alike stays in each cache.
/// </summary>
/// <param name="engine">The model.</param>
public sealed class LikelihoodRanking(GemmaEngine engine)
{
    private const int MostSessions = 4;
    private const int LongestQuestion = 2000;

    /// <summary>
    /// The log-likelihood per token that a draw of any token gives: minus the logarithm of the vocabulary. A model to which a question is less likely than that behind every
    /// passage has not learnt to write what people ask, and its order says nothing.
    /// </summary>
    public double Chance => -Math.Log(engine.Model.Config.VocabSize);

    /// <summary>The passages with the likelihood per token as their score, best first.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="found">The candidates.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="EngineBusyException">There is no room for even one session beside those there are.</exception>
    public async Task<IReadOnlyList<FoundPassage>> RankAsync(string question, IReadOnlyList<FoundPassage> found, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(found);
        if (found.Count < 2 || string.IsNullOrWhiteSpace(question))
        {
            return found;
        }

        string asked = question.Length <= LongestQuestion ? question.Trim() : question[..LongestQuestion].Trim();
        (int[] Ids, int From)[] texts = [.. found.Select(each => Text(each.Passage, asked))];
        int longest = texts.Max(text => text.Ids.Length);
        List<GemmaSession> sessions = [];
        double[] scores = new double[found.Count];
        try
        {
            Open(sessions, Math.Min(longest, engine.Model.Config.MaxPositionEmbeddings), Math.Min(MostSessions, found.Count));
            int next = -1;
            await Task.WhenAll(sessions.Select(async session =>
            {
                for (int i; (i = Interlocked.Increment(ref next)) < texts.Length;)
                {
                    Likelihoods likely = await session.ScoreAsync(new PromptRows(texts[i].Ids), new ScoreOptions(texts[i].From), cancel).ConfigureAwait(false);
                    scores[i] = likely.Sum / Math.Max(1, likely.Count);
                }
            })).ConfigureAwait(false);
        }
        finally
        {
            sessions.ForEach(session => session.Dispose());
        }

        return [.. found.Select((each, i) => each with { Score = scores[i] }).OrderByDescending(each => each.Score)];
    }

    private void Open(List<GemmaSession> sessions, int positions, int most)
    {
        for (int i = 0; i < most; i++)
        {
            try
            {
                sessions.Add(engine.NewSession(positions));
            }
            catch (EngineBusyException) when (sessions.Count > 0)
            {
                return;
            }
        }
    }

    // The rows up to the end of the user's turn, and the first row of the question in them.
    private (int[] Ids, int From) Text(Passage passage, string question)
    {
        int[] ids = ChatTemplate.Render([new ChatMessage("user", $"{passage.Text.Trim()}\n\n{question}")]).Encode(engine.Tokenizer);
        int end = Array.LastIndexOf(ids, engine.Tokenizer.Specials.TurnClose);
        end = end < 0 ? ids.Length : end;
        int length = engine.Tokenizer.Encode(question, specials: false).Length;
        return (ids[..end], Math.Clamp(end - length, 1, end - 1));
    }
}
