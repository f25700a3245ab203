using System;

namespace GemmaVk.Weights.Gguf;

// Letters: P pixels of a patch's side.

/// <summary>
/// A patch's values in GGUF's order and in the checkpoint's.
/// <code>
/// GGUF         [3, P, P]    all red values first, as the convolution of llama.cpp delivers them
/// checkpoint   [P, P, 3]    the colours of a pixel together
/// </code>
/// </summary>
internal static class PatchOrder
{
    /// <summary>Reorders the values of one patch, or of one row of the patch projection.</summary>
    /// <param name="from">Values in GGUF's order.</param>
    /// <param name="to">The same in the checkpoint's.</param>
    public static void ToCheckpoint<T>(ReadOnlySpan<T> from, Span<T> to)
    {
        int pixels = from.Length / 3;
        for (int pixel = 0; pixel < pixels; pixel++)
        {
            for (int colour = 0; colour < 3; colour++)
            {
                to[(3 * pixel) + colour] = from[(colour * pixels) + pixel];
            }
        }
    }

    /// <summary>The way back.</summary>
    public static void ToGguf<T>(ReadOnlySpan<T> from, Span<T> to)
    {
        int pixels = from.Length / 3;
        for (int pixel = 0; pixel < pixels; pixel++)
        {
            for (int colour = 0; colour < 3; colour++)
            {
                to[(colour * pixels) + pixel] = from[(3 * pixel) + colour];
            }
        }
    }
}
