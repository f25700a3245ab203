using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Model;
using GemmaVk.Runtime.Cache;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Logits;
using GemmaVk.Runtime.Media;
using GemmaVk.Runtime.Prefixes;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Runtime;

/// <summary>
/// A model on a device: configuration, weights and activations. Many sessions may share it; one of them runs at a time.
/// </summary>
public sealed class GemmaModel : IDisposable
{
    // Layers whose matrices take turns when forms are measured: together more than the cache of a card.
    private const int MostAlike = 16;

    private readonly KeysFromValues?[] _fromValues;
    private readonly Lazy<string> _identity;
    private readonly MediaWeights? _mediaWeights;
    private readonly MediaBuffers? _mediaBuffers;
    private readonly List<WeakReference<Session>> _sessions = [];

    private GemmaModel(
        Checkpoint checkpoint, IBackend backend, Precision precision, int chunk, int largestPicture, ModelWeights weights, MediaWeights? media)
    {
        Config = checkpoint.Config;
        _identity = new Lazy<string>(checkpoint.Identity);
        Plan = LayerPlan.For(checkpoint.Config);
        Backend = backend;
        Precision = precision.For(Config.HiddenSize);
        Weights = weights;
        Chunk = chunk;
        LargestPicture = largestPicture;
        Buffers = new ModelBuffers(backend, Config, Plan, PassRows(chunk, largestPicture));
        WriteConstants();
        Forward = new ForwardPass(this);
        RowDraw = new RowDraw(this);
        HeadRows = new HeadRows(this);
        _fromValues = [.. Plan.Select(FromValues)];
        if (media is not null)
        {
            _mediaWeights = media;
            _mediaBuffers = new MediaBuffers(backend, Config, Buffers.C, largestPicture);
            Media = new MediaForward(this, media, _mediaBuffers);
        }
    }

    /// <summary>config.json and generation_config.json.</summary>
    public Gemma4Config Config { get; }

    /// <summary>Which weights these are (<see cref="TensorSource.Identity"/>).</summary>
    public string Identity => _identity.Value;

    /// <summary>One entry per layer.</summary>
    public IReadOnlyList<LayerPlan> Plan { get; }

    /// <summary>The device.</summary>
    public IBackend Backend { get; }

    /// <summary>The numbers it runs in.</summary>
    public Precision Precision { get; }

    /// <summary>Weights on the device.</summary>
    public ModelWeights Weights { get; }

    /// <summary>How the head is read, and why, in half a sentence.</summary>
    public string HeadReason => HeadOutlines.Reason(Precision.HeadOutline, Weights.EmbedTokens.Format, Weights.EmbedTokens.N, Backend.Memory);

    /// <summary>Activations on the device.</summary>
    public ModelBuffers Buffers { get; }

    /// <summary>Weights of the picture and sound embedders, or null where they were left out or the checkpoint has none.</summary>
    public MediaWeights? MediaWeights => _mediaWeights;

    /// <summary>Rows per pass of a prompt; only a picture that is longer is a pass of its own.</summary>
    public int Chunk { get; }

    /// <summary>Most soft rows of a picture; 0 when the model was loaded for text only.</summary>
    public int LargestPicture { get; }

    internal ForwardPass Forward { get; }

    internal MediaForward? Media { get; }

    /// <summary>Draws rows whose logits were left undrawn.</summary>
    internal RowDraw RowDraw { get; }

    /// <summary>Logits of any rows of the newest pass.</summary>
    internal HeadRows HeadRows { get; }

    /// <summary>
    /// Rows of the longest pass, for which activations and rings are made (<see cref="ModelBuffers.C"/>): a chunk, or a picture
    /// where that is longer. In sliding layers a picture's rows see each other in both directions, so no pass may split it.
    /// </summary>
    public static int PassRows(int chunk, int largestPicture) => Math.Max(chunk, largestPicture);

    /// <summary>Loads a checkpoint.</summary>
    /// <param name="checkpoint">Must outlive the model: its mapped bytes may be used in place.</param>
    /// <param name="backend">The device; the model does not own it.</param>
    /// <param name="precision">Formats of weights, activations and cache.</param>
    /// <param name="chunk">Most rows per pass: 512 unless memory is short.</param>
    /// <param name="progress">Called with the bytes placed since the last call.</param>
    /// <param name="largestPicture">
    /// Most soft rows of a picture: null for a chunk, 0 for text only, which leaves the picture and sound embedders out.
    /// </param>
    /// <exception cref="GemmaVkException">A tensor is missing or contradicts config.json, or memory is short.</exception>
    public static GemmaModel Load(
        Checkpoint checkpoint, IBackend backend, Precision precision, int chunk = 512, Action<long>? progress = null, int? largestPicture = null)
    {
        precision.Check(LayerPlan.For(checkpoint.Config));
        bool media = largestPicture != 0 && (checkpoint.Config.VisionConfig is not null || checkpoint.Config.AudioConfig is not null);
        int largest = checkpoint.Config.VisionConfig is null ? 0 : largestPicture ?? chunk;
        ModelWeights weights = ModelWeights.Load(checkpoint, backend, precision, progress);
        MediaWeights? embedders = null;
        try
        {
            embedders = media ? MediaWeights.Load(checkpoint, backend, progress) : null;
            return new GemmaModel(checkpoint, backend, precision, chunk, largest, weights, embedders);
        }
        catch
        {
            embedders?.Dispose();
            weights.Dispose();
            throw;
        }
    }

    /// <summary>Starts a session of up to <paramref name="context"/> positions.</summary>
    /// <param name="context">Most positions.</param>
    /// <param name="prefixes">Beginnings that it shares with other sessions of the model, or null to take in everything itself.</param>
    /// <exception cref="GemmaVkException">More than the model's max_position_embeddings, or no room.</exception>
    public Session NewSession(int context, PrefixStore? prefixes = null)
    {
        if (context < 1 || context > Config.MaxPositionEmbeddings)
        {
            throw new GemmaVkException(
                $"--context {context}: expected 1 to {Config.MaxPositionEmbeddings}, the model's max_position_embeddings.");
        }

        return new Session(this, new KvCache(Backend, Plan, context, Buffers.C, Precision, _fromValues), prefixes);
    }

    /// <summary>Bytes of keys and values that one decoding step at <paramref name="length"/> positions reads.</summary>
    public long KvBytesPerStep(int length)
    {
        long bytes = 0;
        // By index: this runs on every step, and an enumerator of a list behind an interface is an allocation.
        for (int i = 0; i < Plan.Count; i++)
        {
            LayerPlan plan = Plan[i];
            bytes += LayerKv.BytesRead(plan, plan.SlidingWindow == 0 ? length : Math.Min(length, plan.SlidingWindow), Precision);
        }

        return bytes;
    }

    /// <summary>Refuses a medium that the model could take, but was not loaded for.</summary>
    internal void RequireMedia(string what)
    {
        if (Media is null)
        {
            throw new GemmaVkException($"{what}: expected a model loaded for pictures and sound, but this one was loaded for text only; load it with room for pictures.");
        }
    }

    /// <summary>
    /// Products by which a device's forms of kernels can be measured (<see cref="IBackend.Tune"/>): the largest matrix of each format, and for many rows narrow ones beside it, for one
    /// row first, since decoding is what most time is spent on, then for few and for many. What they write is free until the next pass.
    /// </summary>
    public IReadOnlyList<ProductSample> ProductSamples()
    {
        LayerWeights first = Weights.Layers[0];
        (Func<LayerWeights, WeightMatrix> Of, BufferHandle Y)[] matrices = [(layer => layer.GateProj, Buffers.Up), (layer => layer.DownProj, Buffers.Y), (layer => layer.OProj, Buffers.Y)];
        return
        [
            .. from T in (int[])[1, Chunk, 4, 8, 2, 3 * MatVec.MaxRows, 2 * MatVec.MaxRows, 6 * MatVec.MaxRows]
               where T <= Chunk
               // A narrow matrix has too few tiles for all of a large device, and is cut otherwise.
               from matrix in (T == Chunk ? [.. matrices, (each => each.KProj, Buffers.Up)] : matrices)
                   .Where(each => each.Of(first).K <= Config.IntermediateSize && each.Of(first).N <= Config.IntermediateSize)
                   .DistinctBy(each => (each.Of(first).Format, T == Chunk ? each.Of(first).N : 0))
               let w = matrix.Of(first)
               let alike = Weights.Layers.Select(matrix.Of).Where(each => (each.N, each.K, each.Format) == (w.N, w.K, w.Format)).Take(MostAlike).ToArray()
               select new ProductSample(Precision.Quantises(w.Format) ? Buffers.Quantised : new Activations(Buffers.Gate), w, matrix.Y, T, alike),
        ];
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

    /// <summary>Opens the device anew after it was lost, and makes it what it was but for the caches of sessions.</summary>
    /// <exception cref="DeviceLostException">It was lost again, or cannot be opened any more.</exception>
    internal void Reopen()
    {
        Backend.Reopen();
        Weights.Restore();
        _mediaWeights?.Restore();
        WriteConstants();
        if (Config.VisionConfig is not null)
        {
            _mediaBuffers?.WriteLevels(Backend);
        }
    }

    /// <summary>The sessions that have not been disposed, in no order.</summary>
    internal IReadOnlyList<Session> Sessions
    {
        get
        {
            lock (_sessions)
            {
                return [.. _sessions.Select(known => known.TryGetTarget(out Session? session) ? session : null).OfType<Session>()];
            }
        }
    }

    /// <summary>A session begins.</summary>
    internal void Enter(Session session)
    {
        lock (_sessions)
        {
            _sessions.RemoveAll(known => !known.TryGetTarget(out _));
            _sessions.Add(new WeakReference<Session>(session));
        }
    }

    /// <summary>A session ends.</summary>
    internal void Leave(Session session)
    {
        lock (_sessions)
        {
            _sessions.RemoveAll(known => !known.TryGetTarget(out Session? other) || other == session);
        }
    }

    /// <summary>What never changes: ids that are never drawn, and angles by which attention rebuilds keys, if there are layers that it may.</summary>
    private void WriteConstants()
    {
        if (Config.Generation.SuppressTokens.Count > 0)
        {
            Backend.Write<int>(Buffers.Suppress, [.. Config.Generation.SuppressTokens]);
        }

        if (Buffers.CoarseAngles is { } coarse && Buffers.FineAngles is { } fine)
        {
            RopeAngles angles = new(Plan.First(Precision.CanKeepValuesOnly), AngleDefinition.Exact);
            Backend.Write<float>(coarse, angles.Table((int)coarse.Shape[0], KeysFromValues.Step));
            Backend.Write<float>(fine, angles.Table((int)fine.Shape[0], 1));
        }
    }

    private KeysFromValues? FromValues(LayerPlan plan) => Precision.KeepsValuesOnly(plan)
        ? new KeysFromValues(Weights.Layers[plan.Index].KNorm, Buffers.CoarseAngles!, Buffers.FineAngles!, plan.RotatedPairs)
        : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        HeadRows.Dispose();
        RowDraw.Dispose();
        _mediaBuffers?.Dispose();
        _mediaWeights?.Dispose();
        Buffers.Dispose();
        Weights.Dispose();
    }
}
