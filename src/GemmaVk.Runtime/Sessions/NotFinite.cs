using System;
using System.Globalization;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Sessions;

/// <summary>What Sample says of a row that nothing can be drawn from: an id of -1, because a logit is NaN or infinite, or because a mask leaves none.</summary>
internal static class NotFinite
{
    /// <summary>The id, if it is one.</summary>
    /// <param name="id">What was drawn.</param>
    /// <param name="position">Position of the row: 0 is the first token of the conversation.</param>
    /// <param name="masked">Whether only some tokens were allowed.</param>
    /// <exception cref="GemmaVkException">It is none.</exception>
    public static int Require(int id, int position, bool masked = false) => id >= 0 ? id : throw new GemmaVkException(FormattableString.Invariant(masked
            ? (FormattableString)$"no token that the answer may go on with can be drawn at position {position}: expected a finite logit for one of them, but generation_config.json suppresses them all or the model's logits are not finite; take them out of suppress_tokens, or look at the weights with 'gemmavk inspect --check'."
            : $"the model's logits at position {position} are not finite: a weight is NaN or infinite, or too large for the formats it runs in; 'gemmavk inspect --check' names the first such weight of a checkpoint, and --weights bf16 keeps more of the numbers' range than int4 and int8."));

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
