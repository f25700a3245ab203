using GemmaVk.Tensors;

namespace GemmaVk.Kernels;

// Letters: K KV heads, W head width, R rows of the cache (its capacity).

/// <summary>
/// A layer's cached keys and values, as the three kernels that touch a cache take them. Position p lies in row p mod R.
/// <code>
/// format      Keys, Values [K, R, W]                      KeyScales, ValueScales
/// F32, F16    the value                                   none
/// Q8          q in -127 .. 127; value = q * scale[k, r, w / 32]   BF16 [K, R, W/32]; W is a multiple of 32
/// </code>
/// Without <paramref name="Keys"/> a key is rebuilt from its row's value by <paramref name="FromValues"/>, wherever it is
/// needed: half the memory. Only layers whose keys and values are one projection can be kept so, and R is then at least
/// the context.
/// </summary>
/// <param name="Keys">Keys after norm and rotation, or null.</param>
/// <param name="Values">Values after norm; the same format as the keys.</param>
/// <param name="R">Rows.</param>
/// <param name="KeyScales">Scales of Q8 keys.</param>
/// <param name="ValueScales">Scales of Q8 values.</param>
/// <param name="FromValues">How keys are rebuilt, where <paramref name="Keys"/> is null.</param>
public readonly record struct KvRows(
    BufferHandle? Keys,
    BufferHandle Values,
    int R,
    BufferHandle? KeyScales = null,
    BufferHandle? ValueScales = null,
    KeysFromValues? FromValues = null)
{
    /// <summary>F32, F16 or Q8.</summary>
    public DType Format => Values.DType;
}
