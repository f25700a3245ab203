using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Logits;

// Letters: V vocabulary.

/// <summary>
/// What an answer wants to know of its logits, and how it wants them changed before a token is drawn. In this order, for token j with
/// logit l that stands c times in the answer so far:
/// <code>
/// 1 l += Bias[j]
/// 2 l = l > 0 ? l / RepetitionPenalty : l * RepetitionPenalty         where j stands in the prompt or in the answer
/// 3 l -= c * FrequencyPenalty + (c > 0 ? PresencePenalty : 0)
/// </code>
/// Then come the steps of <see cref="Kernels.Sample"/>. A suppressed token stays suppressed whatever its bias. The answer's tokens count
/// from its first one on, thoughts included; the prompt's count in step 2 alone.
/// Source: OpenAI's API reference (logit_bias, presence_penalty, frequency_penalty); transformers RepetitionPenaltyLogitsProcessor; the
/// order of llama.cpp's samplers.
/// </summary>
public sealed record LogitOptions
{
    /// <summary>Most alternatives that can be asked for.</summary>
    public const int MostTop = 20;

    /// <summary>Largest bias, up or down.</summary>
    public const float LargestBias = 100;

    /// <summary>Largest presence or frequency penalty, up or down.</summary>
    public const float LargestPenalty = 2;

    /// <summary>How many alternatives each token is given with, 0 to 20; null gives no log-probabilities at all.</summary>
    public int? TopLogprobs { get; init; }

    /// <summary>
    /// Added to the logits of these ids, from -100 to 100. Logits of this family lie between -30 and 30, so that -100 bans a token and 100
    /// forces it wherever the difference leaves anything of the others.
    /// </summary>
    public IReadOnlyDictionary<int, float> Bias { get; init; } = new Dictionary<int, float>();

    /// <summary>Taken from every token that stands in the answer already, from -2 to 2.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>Taken from a token for each time it stands in the answer already, from -2 to 2.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>Makes tokens of prompt and answer less likely, above 0; 1 is off.</summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>Whether anything is asked for.</summary>
    public bool IsActive => TopLogprobs is not null || Changes;

    /// <summary>Whether a logit is changed.</summary>
    internal bool Changes => Bias.Count > 0 || PresencePenalty != 0 || FrequencyPenalty != 0 || RepetitionPenalty != 1;

    /// <summary>Refuses what cannot be honoured.</summary>
    /// <param name="V">Ids there are.</param>
    /// <exception cref="GemmaVkException">A number is out of its range, or an id none of the vocabulary.</exception>
    public void Check(int V)
    {
        CheckTop(TopLogprobs ?? 0);
        Require(MathF.Abs(PresencePenalty) <= LargestPenalty, "PresencePenalty", "-2 to 2", PresencePenalty);
        Require(MathF.Abs(FrequencyPenalty) <= LargestPenalty, "FrequencyPenalty", "-2 to 2", FrequencyPenalty);
        Require(RepetitionPenalty > 0 && float.IsFinite(RepetitionPenalty), "RepetitionPenalty", "a finite number above 0 (1 is off)", RepetitionPenalty);
        foreach ((int id, float bias) in Bias.Where(pair => (uint)pair.Key >= (uint)V || !(MathF.Abs(pair.Value) <= LargestBias)))
        {
            Require((uint)id < (uint)V, "Bias", $"ids from 0 to {V - 1}", id);
            Require(false, $"Bias of token {id}", "-100 to 100", bias);
        }
    }

    /// <summary>Refuses a number of alternatives that is not given.</summary>
    internal static void CheckTop(int top) => Require(top is >= 0 and <= MostTop, "TopLogprobs", "0 to 20", top);

    private static void Require(bool met, string what, string expected, IFormattable came)
    {
        if (!met)
        {
            throw new GemmaVkException($"{what}: expected {expected}, but {came.ToString(null, CultureInfo.InvariantCulture)} came; leave it out for none.");
        }
    }
}
