using System;
using GemmaVk.Kernels.Measuring;

namespace GemmaVk.Kernels;

// Letters: n = Rows * Columns patches, S side of a patch in pixels, P = S * S * 3 values of a patch.

/// <summary>
/// Cuts a picture into square patches and turns its bytes into floats.
/// <code>
/// y[p, (r * S + c) * 3 + k] = levels[pixels[(p / Columns) * S + r, (p mod Columns) * S + c, k]]
/// pixels [Rows * S, Columns * S, 3] U8, row-major    levels [256] F32: value of each byte
/// y      [n, P] F32: patches row by row of the grid; inside one by row, column, colour
/// </code>
/// A table and not a factor: published pictures are level * float(1/255) and frames of clips level / 255, which differ in
/// the last bit for 126 levels. Precision: exact. In place: no.
/// Called by: MediaForward, once per picture or frame.
/// </summary>
[Kernel("a picture's bytes as rows of patches", "transformers gemma4_unified: convert_image_to_patches, 3 x 3 patches of 16 pixels regrouped")]
public static class CutPatches
{
    /// <summary>Arguments; shapes are in the kernel's summary.</summary>
    public readonly record struct Args(BufferHandle Pixels, BufferHandle Levels, BufferHandle Y, int Rows, int Columns, int S)
    {
        /// <summary>n, patches of the picture.</summary>
        public int Patches => Rows * Columns;

        /// <summary>P, values of a patch.</summary>
        public int Values => S * S * 3;
    }

    /// <summary>Cost of a picture: bytes in, floats out.</summary>
    public static KernelCost Cost(int Rows, int Columns, int S) =>
        new((double)Rows * Columns * S * S * 3 * (1 + sizeof(float)), 0);

    /// <summary>The oracle.</summary>
    public static void Reference(ReadOnlySpan<byte> pixels, ReadOnlySpan<float> levels, Span<float> y, int Rows, int Columns, int S)
    {
        int next = 0;
        for (int p = 0; p < Rows * Columns; p++)
        {
            for (int r = 0; r < S; r++)
            {
                for (int c = 0; c < S; c++)
                {
                    int pixel = (((p / Columns * S) + r) * Columns * S) + (p % Columns * S) + c;
                    for (int k = 0; k < 3; k++)
                    {
                        y[next++] = levels[pixels[(pixel * 3) + k]];
                    }
                }
            }
        }
    }
}
