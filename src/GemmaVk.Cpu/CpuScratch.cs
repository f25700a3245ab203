using System;
using GemmaVk.Cpu.Kernels;
using GemmaVk.Cpu.Kernels.Sampling;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu;

// Letters: C rows of the longest pass, H query heads, K KV heads, G = H / K, W head width, V vocabulary.

/// <summary>
/// How large <see cref="Scratch"/> can become: one block, as large as the hungriest kernel wants it. An upper bound that
/// does not depend on the vector width; a test runs the kernels against it.
/// </summary>
internal static class CpuScratch
{
    // The widest vector in floats, and the padding of a packed row that is left where rows are short.
    private const int Lanes = 16;
    private const int PackedPadding = 1024;

    // Of attention: blocks that share a row's positions (a window may cut one at either end), cached rows of a decoding tile and of a tile
    // of a prompt. Where keys are rebuilt from values, a tile of either stands beside the other.
    private const int Blocks = 34;
    private const int DecodeTile = 64;
    private const int Tile = 64;

    /// <summary>Bytes for passes of these shapes on <paramref name="threads"/> threads.</summary>
    public static long Bytes(PassShapes shapes, int threads)
    {
        long most = Math.Max(Products(shapes), Candidates.Bytes(shapes.V) * threads);
        foreach (AttentionShape attention in shapes.Attention)
        {
            most = Math.Max(most, Math.Max(Decode(attention, threads), Prefill(attention, threads)));
        }

        return most;
    }

    /// <summary>Rows of x, packed in blocks of up to eight.</summary>
    private static long Products(PassShapes shapes) => ((long)shapes.C + 8) * ((4L * shapes.Inputs) + PackedPadding);

    private static long Decode(AttentionShape a, int threads)
    {
        long T = MatVec.MaxRows, G = a.H / a.K, width = a.W + (3 * Lanes);
        long partials = T * a.K * Blocks * G * (width + Lanes);
        long workspace = (((2 * DecodeTile) + (T * G)) * width) + (((T * G) + 1) * DecodeTile) + (9 * G);
        long whole = a.Kv switch
        {
            DType.Q8 => AttentionDecodeCpu.WholeWorkspace((int)T, a.W),
            DType.F16 => AttentionDecodeCpu.WordWorkspace((int)T, a.W),
            _ => 0,
        };
        return sizeof(float) * (partials + (Math.Max(workspace, whole) * threads));
    }

    private static long Prefill(AttentionShape a, int threads)
    {
        long G = a.H / a.K, width = a.W + (2 * Lanes);
        long rows = (Math.Max(1, Tile / G) * G) + Lanes;
        return sizeof(float) * threads * ((2 * rows * width) + (3 * Tile * width) + (rows * Tile) + (3 * rows));
    }
}
