using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Model;
using GemmaVk.Runtime.Cache;
using GemmaVk.Runtime.Forward;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime;

// Letters: T rows of a pass, N outputs, K inputs, F FFN size, H query heads.

// Calls of the model's own shapes, by which the forms of kernels are measured.
public sealed partial class GemmaModel
{
    // Layers whose matrices take turns when forms are measured: together more than the cache of a card.
    private const int MostAlike = 16;

    // Depths at which attention is measured, and the rows of a prompt on a software driver.
    private const int Shallow = 4096;
    private const int Deep = 32768;
    private const int SoftwareDepth = 512;
    private const int SoftwareRows = 32;

    /// <summary>
    /// Products by which a device's forms of kernels can be measured (<see cref="IBackend.Tune"/>): the largest matrix of each format and number of
    /// outputs, for one row first, since decoding is what most time is spent on, then for few and for many; at last the head. What they write is free until the next pass.
    /// </summary>
    public IReadOnlyList<ProductSample> ProductSamples()
    {
        LayerWeights first = Weights.Layers[0];
        (Func<LayerWeights, WeightMatrix> Of, BufferHandle Y)[] matrices = [(layer => layer.DownProj, Buffers.Y), (layer => layer.GateProj, Buffers.Up), (layer => layer.OProj, Buffers.Y)];
        return
        [
            .. from T in (int[])[1, 4, 8, 2, Chunk, 3 * MatVec.MaxRows, 2 * MatVec.MaxRows, 6 * MatVec.MaxRows]
               where T <= Chunk
               // A narrow matrix has too few tiles for all of a large device, and is cut otherwise.
               from matrix in (T == Chunk ? [.. matrices, (layer => layer.KProj, Buffers.Up)] : matrices).Where(each => each.Of(first).K <= Config.IntermediateSize).DistinctBy(each => (each.Of(first).Format, each.Of(first).N))
               let w = matrix.Of(first)
               let alike = Weights.Layers.Select(matrix.Of).Where(each => (each.N, each.K, each.Format) == (w.N, w.K, w.Format)).Take(MostAlike).ToArray()
               from sample in Samples(w, matrix.Y, T, alike)
               select sample,
            .. from T in (int[])[1, MatVec.MaxRows]
               where T <= Chunk
               from sample in Samples(Weights.EmbedTokens, Buffers.Logits, T, [])
               select sample,
        ];

        IEnumerable<ProductSample> Samples(WeightMatrix w, BufferHandle y, int T, WeightMatrix[] alike)
        {
            Activations x = Precision.Quantises(w.Format) ? Buffers.Quantised : new Activations(Buffers.Gate);
            LayerWeights[] gated = [.. Weights.Layers.Where(layer => layer.GateProj.IsLike(w) && layer.UpProj.IsLike(w)).Take(MostAlike)];
            if (T <= MatVec.MaxRows && ReferenceEquals(w, first.GateProj) && first.UpProj.IsLike(w) && Precision.Quantises(first.DownProj.Format) == Precision.Quantises(w.Format))
            {
                // Rows of floats must not be those that are written.
                (Activations from, Activations result) = Precision.Quantises(w.Format) ? (x, Buffers.Gated) : (new Activations(Buffers.A), new Activations(Buffers.Gate));
                yield return new ProductSample(from, w, y, T, alike, turn =>
                {
                    LayerWeights layer = gated[turn % gated.Length];
                    return new(from, layer.GateProj, layer.UpProj, Buffers.Gate, Buffers.Up, result, first.DownProj.Format, T);
                });
                yield break;
            }

            yield return new ProductSample(x, w, y, T, alike);
        }
    }

    /// <summary>Calls by which the workgroups of kernels between products can be measured, at the rows of a whole chunk; as <see cref="ProductSamples"/>.</summary>
    public IReadOnlyList<FlatSample> FlatSamples()
    {
        (int T, int F) = (Chunk, Config.IntermediateSize);
        FlatSample gate = new(nameof(GeGlu), pass => pass.GeGlu(new(Buffers.Gate, Buffers.Up, Buffers.Gate, T, F)));
        return Precision.QuantiseActivations == true
            ? [gate, new(nameof(QuantizeRows), pass => pass.QuantizeRows(new(Buffers.Gate, Buffers.Quantised, Weights.Layers[0].DownProj.Format, T, F)))]
            : [gate];
    }

    /// <summary>
    /// Calls by which forms of attention can be measured, of each kind of layer: of one row, by which decoding goes, and of many; as <see cref="ProductSamples"/>. A depth
    /// of thousands and one of tens of thousands count together, as far as the model goes, since a device has one form for both.
    /// </summary>
    /// <param name="everyFormat">Also caches of the numbers that this model does not run with.</param>
    /// <param name="drafter">Who reads this model's caches too, a row at a time; its heads may share keys otherwise.</param>
    public IReadOnlyList<AttentionSample> AttentionSamples(bool everyFormat = false, DrafterPlan? drafter = null)
    {
        (LayerPlan Layer, int H)[] own = [.. Plan.Select(layer => (layer, Config.NumAttentionHeads))];
        (LayerPlan Layer, int H)[] drafters = drafter is null ? [] : [.. drafter.Layers.Zip(drafter.KvLayers, (layer, lender) => (Plan[lender], layer.NumAttentionHeads))];
        DType[] formats = everyFormat ? [.. (DType[])[Precision.Kv, DType.F16, DType.Q8]] : [Precision.Kv];
        return
        [
            .. from T in (int[])[1, Backend.Memory.IsSoftware ? Math.Min(Chunk, SoftwareRows) : Chunk]
               from format in formats.Distinct()
               from each in (T == 1 ? [.. own, .. drafters] : own).DistinctBy(each => (each.H, each.Layer.NumKeyValueHeads, each.Layer.HeadDim, Precision.KeepsValuesOnly(each.Layer)))
               let layer = each.Layer
               where T <= Config.MaxPositionEmbeddings
               where format != DType.Q8 || layer.HeadDim % QuantBlocks.GroupSize == 0
               let depths = DepthsOf(layer, T)
               let precision = Precision with { Kv = format }
               select new AttentionSample(
                   format,
                   precision.KeepsValuesOnly(layer),
                   T,
                   each.H,
                   layer.NumKeyValueHeads,
                   layer.HeadDim,
                   LayerKv.Layout(layer, depths[^1], Chunk, precision).Sum(buffer => buffer.Bytes),
                   () => CallsOf(layer, each.H, precision, T, depths)),
        ];
    }

    /// <summary>Positions of a cache at which attention of T rows is measured. A device of a processor's cores takes seconds for what a card does in milliseconds.</summary>
    private int[] DepthsOf(LayerPlan layer, int T)
    {
        // A window sees the same everywhere.
        int[] depths = (Backend.Memory.IsSoftware, T == 1) switch
        {
            (false, true) when layer.SlidingWindow == 0 => [Shallow, Deep],
            (true, false) => [SoftwareDepth],
            _ => [Shallow],
        };
        return [.. depths.Select(depth => Math.Min(depth, Config.MaxPositionEmbeddings)).Distinct()];
    }

    private AttentionCalls CallsOf(LayerPlan layer, int H, Precision precision, int T, int[] depths)
    {
        List<IDisposable> owned = [];
        try
        {
            LayerKv kv = new(Backend, layer, depths[^1], Chunk, precision, _fromValues[layer.Index]);
            owned.Add(kv);
            foreach (BufferHandle buffer in kv.Buffers)
            {
                Clear(buffer);
            }

            WeightMatrix o = Weights.Layers[layer.Index].OProj;
            Clear(Buffers.Q);
            return new AttentionCalls(
                [.. depths.Select(depth => new AttentionDecode.Args(
                    Buffers.Q, kv.Rows, Positions(depth), Positions(depth), Buffers.Attention, T, H, layer.NumKeyValueHeads, layer.HeadDim, layer.SlidingWindow))],
                Precision.Quantises(o.Format) && AttentionDecodeQuantize.Takes(layer.HeadDim) ? Buffers.Quantised : null,
                o.Format,
                owned);
        }
        catch
        {
            owned.ForEach(each => each.Dispose());
            throw;
        }

        // The last T of so many.
        BufferHandle Positions(int depth)
        {
            BufferHandle positions = Backend.Allocate("positions", DType.I32, new Shape(T), BufferUse.Step);
            owned.Add(positions);
            Backend.Write<int>(positions, [.. Enumerable.Range(Math.Max(0, depth - T), T)]);
            return positions;
        }

        // What was in memory before may be no numbers, with which a processor is slow.
        void Clear(BufferHandle buffer)
        {
            Backend.Write<byte>(buffer, new byte[QuantBlocks.RowBytes(buffer.DType, buffer.Shape.Count)]);
        }
    }
}
