using GemmaVk.Kernels;

namespace GemmaVk.Runtime.Forward;

// Letters: T rows of a pass, D hidden size, F FFN size, H query heads, W head width.

/// <summary>Activations of a layer's halves: those of a model, or of its drafter.</summary>
internal interface ILayerBuffers
{
    /// <summary>Residual stream, [T, D].</summary>
    BufferHandle X { get; }

    /// <summary>Normed input of the next half layer, [T, D].</summary>
    BufferHandle A { get; }

    /// <summary>Attention output, heads joined, [T, H * W].</summary>
    BufferHandle Attention { get; }

    /// <summary>Output of o_proj or down_proj, before its post-norm, [T, D].</summary>
    BufferHandle Y { get; }

    /// <summary>Gate, then the gated product, [T, F].</summary>
    BufferHandle Gate { get; }

    /// <summary>Up, [T, F].</summary>
    BufferHandle Up { get; }

    /// <summary>INT8 rows for the product that comes next.</summary>
    Activations Quantised { get; }

    /// <summary>INT8 rows of the gated product, up to eight: made from <see cref="Quantised"/>, so they lie elsewhere.</summary>
    Activations Gated { get; }
}
