using System;

namespace GemmaVk.Kernels;

// Letters: W head width, P pairs that rotate (pair i joins columns i and i + W/2), S positions per coarse step.

/// <summary>
/// Keys of a layer whose keys and values are one projection: both have the same root mean square, so the key before its
/// rotation is the value times the key norm's weight. Angles of any position come from two small tables.
/// <code>
/// x[w]   = value[w] * norm[w]
/// key    = x, but for i &lt; P:   key[i]       = x[i] cos - x[i + W/2] sin
///                              key[i + W/2] = x[i + W/2] cos + x[i] sin          a = p div S, b = p mod S
///          cos = coarse.cos[a, i] fine.cos[b, i] - coarse.sin[a, i] fine.sin[b, i]
///          sin = coarse.sin[a, i] fine.cos[b, i] + coarse.cos[a, i] fine.sin[b, i]
/// value [W], norm [W] F32    coarse [positions / S, 2 P] F32, fine [S, 2 P] F32: P cosines, then P sines
/// </code>
/// Table entries are rounded once from F64, so cosine and sine are right to 3e-7 at every position.
/// Source: the addition theorem; transformers gemma4_unified: Gemma4UnifiedTextAttention.forward with attention_k_eq_v.
/// </summary>
/// <param name="Norm">Weight of the key norm, [W].</param>
/// <param name="Coarse">Angles of positions 0, S, 2 S, ...</param>
/// <param name="Fine">Angles of positions 0 .. S - 1.</param>
/// <param name="Pairs">P, a multiple of 4.</param>
public sealed record KeysFromValues(BufferHandle Norm, BufferHandle Coarse, BufferHandle Fine, int Pairs)
{
    /// <summary>S: both tables have 512 rows at 262,144 positions.</summary>
    public const int Step = 512;

    /// <summary>The oracle, for one row.</summary>
    public static void Reference(
        ReadOnlySpan<float> value, ReadOnlySpan<float> norm, ReadOnlySpan<float> coarse, ReadOnlySpan<float> fine, int position, int P, Span<float> key)
    {
        int half = value.Length / 2;
        int a = position / Step * 2 * P;
        int b = position % Step * 2 * P;
        for (int w = 0; w < value.Length; w++)
        {
            key[w] = value[w] * norm[w];
        }

        for (int i = 0; i < P; i++)
        {
            double cos = ((double)coarse[a + i] * fine[b + i]) - ((double)coarse[a + P + i] * fine[b + P + i]);
            double sin = ((double)coarse[a + P + i] * fine[b + i]) + ((double)coarse[a + i] * fine[b + P + i]);
            (double x, double y) = ((double)value[i] * norm[i], (double)value[i + half] * norm[i + half]);
            key[i] = (float)((x * cos) - (y * sin));
            key[i + half] = (float)((y * cos) + (x * sin));
        }
    }
}
