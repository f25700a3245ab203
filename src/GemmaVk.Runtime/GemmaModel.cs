using System;
using System.Collections.Generic;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Runtime;

/// <summary>
/// A model on a device: configuration, weights and activations. Many sessions may share it; one of them runs at a time.
/// </summary>
public sealed class GemmaModel : IDisposable
{
    private GemmaModel(Checkpoint checkpoint, IBackend backend, Precision precision, int chunk, ModelWeights weights)
    {
        Config = checkpoint.Config;
        Plan = LayerPlan.For(checkpoint.Config);
        Backend = backend;
        Precision = precision.For(Config.HiddenSize);
        Weights = weights;
        Buffers = new ModelBuffers(backend, Config, Plan, chunk);
        if (Config.Generation.SuppressTokens.Count > 0)
        {
            backend.Write<int>(Buffers.Suppress, [.. Config.Generation.SuppressTokens]);
        }

        Forward = new ForwardPass(this);
    }

    /// <summary>config.json and generation_config.json.</summary>
    public Gemma4Config Config { get; }

    /// <summary>One entry per layer.</summary>
    public IReadOnlyList<LayerPlan> Plan { get; }

    /// <summary>The device.</summary>
    public IBackend Backend { get; }

    /// <summary>The numbers it runs in.</summary>
    public Precision Precision { get; }

    /// <summary>Weights on the device.</summary>
    public ModelWeights Weights { get; }

    /// <summary>Activations on the device.</summary>
    public ModelBuffers Buffers { get; }

    internal ForwardPass Forward { get; }

    /// <summary>Loads the text model of a checkpoint.</summary>
    /// <param name="checkpoint">Must outlive the model: its mapped bytes may be used in place.</param>
    /// <param name="backend">The device; the model does not own it.</param>
    /// <param name="precision">Formats of weights, activations and cache.</param>
    /// <param name="chunk">Most rows per pass: 512 unless memory is short.</param>
    /// <param name="progress">Called with the bytes placed since the last call.</param>
    /// <exception cref="GemmaVkException">A tensor is missing or contradicts config.json, or memory is short.</exception>
    public static GemmaModel Load(
        Checkpoint checkpoint, IBackend backend, Precision precision, int chunk = 512, Action<long>? progress = null)
    {
        ModelWeights weights = ModelWeights.Load(checkpoint, backend, precision, progress);
        try
        {
            return new GemmaModel(checkpoint, backend, precision, chunk, weights);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>Starts a session of up to <paramref name="context"/> positions.</summary>
    /// <exception cref="GemmaVkException">More than the model's max_position_embeddings, or no room.</exception>
    public Session NewSession(int context)
    {
        if (context < 1 || context > Config.MaxPositionEmbeddings)
        {
            throw new GemmaVkException(
                $"--context {context}: expected 1 to {Config.MaxPositionEmbeddings}, the model's max_position_embeddings.");
        }

        return new Session(this, new KvCache(Backend, Plan, context, Buffers.C, Precision.Kv));
    }

    /// <summary>Bytes of keys and values that one decoding step at <paramref name="length"/> positions reads.</summary>
    public long KvBytesPerStep(int length)
    {
        long values = 0;
        // By index: this runs on every step, and an enumerator of a list behind an interface is an allocation.
        for (int i = 0; i < Plan.Count; i++)
        {
            LayerPlan plan = Plan[i];
            long rows = plan.SlidingWindow == 0 ? length : Math.Min(length, plan.SlidingWindow);
            values += 2 * rows * plan.NumKeyValueHeads * plan.HeadDim;
        }

        return QuantBlocks.RowBytes(Precision.Kv, values);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Buffers.Dispose();
        Weights.Dispose();
    }
}
