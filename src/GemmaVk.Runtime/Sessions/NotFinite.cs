using System;
using System.Globalization;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Sessions;

/// <summary>What Sample says of a row that nothing can be drawn from: an id of -1, because a logit is NaN or infinite.</summary>
internal static class NotFinite
{
    /// <summary>The id, if it is one.</summary>
    /// <param name="id">What was drawn.</param>
    /// <param name="position">Position of the row: 0 is the first token of the conversation.</param>
    /// <exception cref="GemmaVkException">It is none.</exception>
    public static int Require(int id, int position) => id >= 0 ? id : throw new GemmaVkException(string.Create(
        CultureInfo.InvariantCulture,
        $"the model's logits at position {position} are not finite: a weight is NaN or infinite, or too large for the formats it runs in; 'gemmavk inspect --check' names the first such weight of a checkpoint, and --weights bf16 keeps more of the numbers' range than int4 and int8."));

    /// <summary>Refuses drafts that a drafter could not draw.</summary>
    /// <exception cref="GemmaVkException">One is none.</exception>
    public static void RequireDrafts(ReadOnlySpan<int> drafts, int position)
    {
        if (drafts.ContainsAnyExceptInRange(0, int.MaxValue))
        {
            throw new GemmaVkException(string.Create(
                CultureInfo.InvariantCulture,
                $"the drafter's logits behind position {position} are not finite: one of its weights is NaN or infinite; 'gemmavk inspect --check --model' with its folder names the first, and --drafter off runs without it."));
        }
    }
}
