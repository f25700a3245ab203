using System;
using System.Collections.Generic;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels.Measuring;

// Letters: T rows in this pass, H query heads, K KV heads, W head width.

/// <summary>Attention over a cache as a model has it, by which forms of a kernel can be measured; what it computes is of no interest.</summary>
/// <param name="Format">Of the cache.</param>
/// <param name="ValuesOnly">The cache has no keys.</param>
/// <param name="T">Rows: up to 8 go through AttentionDecode, more through AttentionPrefill.</param>
/// <param name="H">Query heads.</param>
/// <param name="K">KV heads.</param>
/// <param name="W">Head width.</param>
/// <param name="Bytes">Device memory that the calls take.</param>
/// <param name="Open">Makes the calls, which need memory, so they are there while they are measured only.</param>
public sealed record AttentionSample(DType Format, bool ValuesOnly, int T, int H, int K, int W, long Bytes, Func<AttentionCalls> Open);

/// <summary>Calls over one cache, one after the other: at one depth or at several, since a device has one form for all.</summary>
/// <param name="Calls">At least one.</param>
/// <param name="Rows">Where the rows of up to 8 go in INT8, or null where the result stays floats.</param>
/// <param name="ForFormat">Weights that those rows will meet.</param>
/// <param name="Owned">What was made for them.</param>
public sealed record AttentionCalls(IReadOnlyList<AttentionDecode.Args> Calls, Activations? Rows, DType ForFormat, IReadOnlyList<IDisposable> Owned) : IDisposable
{
    /// <summary>Calls the kernel.</summary>
    public void Record(IPass pass)
    {
        foreach (AttentionDecode.Args call in Calls)
        {
            if (call.T > MatVec.MaxRows)
            {
                pass.AttentionPrefill(new(call.Q, call.Cache, call.Positions, call.Reach, call.Out, call.T, call.H, call.K, call.W, call.Window));
            }
            else if (Rows is { } rows)
            {
                pass.AttentionDecodeQuantize(new(call, rows, ForFormat));
            }
            else
            {
                pass.AttentionDecode(call);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable owned in Owned)
        {
            owned.Dispose();
        }
    }
}
