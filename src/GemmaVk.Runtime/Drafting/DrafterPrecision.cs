using GemmaVk.Model;
using GemmaVk.Runtime.Forward;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Drafting;

/// <summary>
/// In which formats a drafter's weights lie. They decide how often its guesses are right and how fast they come, and
/// nothing about the text: the target checks every guess.
/// </summary>
/// <param name="Linears">
/// Format of layers and projections; null chooses INT4 where the drafter's hidden_size is at least
/// <see cref="Precision.LeastWidthForInt8"/>, and the checkpoint's own format in narrower ones, which gain no time from it.
/// </param>
/// <param name="Head">
/// Format of the head, most of what a draft reads; null chooses as for the linears. In INT4 the 12B's drafter reads 0.24 GB
/// per draft, with an INT8 head 0.37 GB.
/// </param>
/// <param name="HeadOutline">As for the target's head. A head in INT4 has none.</param>
public sealed record DrafterPrecision(DType? Linears = null, DType? Head = null, HeadOutline HeadOutline = HeadOutline.Auto)
{
    /// <summary>This precision with the open choices made.</summary>
    public DrafterPrecision For(DrafterConfig drafter)
    {
        DType? chosen = drafter.HiddenSize >= Precision.LeastWidthForInt8 ? DType.Q4 : null;
        return this with { Linears = Linears ?? chosen, Head = Head ?? chosen };
    }
}
