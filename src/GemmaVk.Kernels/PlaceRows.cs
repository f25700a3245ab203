using System;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Kernels;

// Letters: T rows, D width of a row.

/// <summary>
/// Copies rows to another place: soft rows of a picture or sound to where the prompt has them.
/// <code>
/// x[first + t, d] = rows[t, d]
/// rows [T, D] F32    x [first + T, D] F32 or more rows; the others stay as they are
/// </code>
/// Precision: exact. In place: no.
/// Called by: MediaForward; <see cref="Embed"/> leaves these rows untouched afterwards.
/// </summary>
[Kernel("rows to another place", "transformers gemma4_unified: inputs_embeds.masked_scatter in Gemma4UnifiedModel.forward")]
public static class PlaceRows
{
    /// <summary>Arguments; shapes are in the kernel's summary.</summary>
    public readonly record struct Args(BufferHandle Rows, BufferHandle X, int T, int D, int First);

    /// <summary>Cost of T rows: read and written once.</summary>
    public static KernelCost Cost(int T, int D) =>
        new((double)T * D * 2 * sizeof(float), 0);

    /// <summary>The oracle.</summary>
    public static void Reference(ReadOnlySpan<float> rows, Span<float> x, int T, int D, int first)
    {
        for (int i = 0; i < T * D; i++)
        {
            x[(first * D) + i] = rows[i];
        }
    }
}
