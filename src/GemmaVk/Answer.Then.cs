using GemmaVk.Runtime.Sessions;

namespace GemmaVk;

/// <summary>Answers in several rounds, between which tools ran.</summary>
public sealed partial record Answer
{
    /// <summary>This and the answer that went on from the results of its calls, as one: what is called is what the second calls.</summary>
    /// <param name="rest">The answer that went on.</param>
    public Answer Then(Answer rest)
    {
        System.ArgumentNullException.ThrowIfNull(rest);
        Generation whole = new Generation(Ids, Stop, Stats).Then(new Generation(rest.Ids, rest.Stop, rest.Stats));
        return rest with
        {
            Text = Text.Length > 0 && rest.Text.Length > 0 ? $"{Text}\n{rest.Text}" : Text + rest.Text,
            Thinking = Thinking + rest.Thinking,
            Ids = whole.Ids,
            Stats = whole.Stats,
            UnreadCalls = [.. UnreadCalls, .. rest.UnreadCalls],
            ThinkingTokens = ThinkingTokens + rest.ThinkingTokens,
            Logprobs = [.. Logprobs, .. rest.Logprobs],
        };
    }
}
