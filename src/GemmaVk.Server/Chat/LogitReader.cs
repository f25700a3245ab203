using GemmaVk.Runtime.Logits;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Http;

namespace GemmaVk.Server.Chat;

/// <summary>Reads what changes or shows likelihoods: penalties, biases, log-probabilities; and whether one call ends an answer.</summary>
internal static class LogitReader
{
    private const float LeastRepetition = 0.01f;
    private const float MostRepetition = 10;

    /// <summary>The question with these in it.</summary>
    public static Asked Over(Asked asked, Fields body, ServedModel model, bool severalCalls)
    {
        LogitOptions logits = new()
        {
            TopLogprobs = asked.Logprobs,
            Bias = SamplingReader.Bias(body, model.Engine.Tokenizer.VocabularySize),
            PresencePenalty = body.Real("presence_penalty", -LogitOptions.LargestPenalty, LogitOptions.LargestPenalty) ?? 0,
            FrequencyPenalty = body.Real("frequency_penalty", -LogitOptions.LargestPenalty, LogitOptions.LargestPenalty) ?? 0,
            RepetitionPenalty = body.Real("repetition_penalty", LeastRepetition, MostRepetition) ?? body.Real("repeat_penalty", LeastRepetition, MostRepetition) ?? 1,
        };
        return asked with { Options = asked.Options with { Logits = logits.IsActive ? logits : null, SingleCall = !severalCalls } };
    }
}
