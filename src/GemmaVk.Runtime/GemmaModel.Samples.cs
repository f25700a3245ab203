using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Runtime.Forward;

namespace GemmaVk.Runtime;

// Letters: T rows of a pass, N outputs, K inputs, F FFN size.

// Calls of the model's own shapes, by which the forms of kernels are measured.
public sealed partial class GemmaModel
{
    // Layers whose matrices take turns when forms are measured: together more than the cache of a card.
    private const int MostAlike = 16;

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
}
