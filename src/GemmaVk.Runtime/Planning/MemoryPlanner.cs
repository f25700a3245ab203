using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime.Cache;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Planning;

// Step 6 of the weight path; from Weights/TensorSource, to ModelWeights: which bytes will lie where, before one of them is read.

/// <summary>
/// Counts what a model, a session and the kernels will allocate, from the same lists that they allocate by. Pure: numbers
/// in, numbers out; nothing is read, opened or taken.
/// </summary>
public static class MemoryPlanner
{
    /// <summary>Fewest positions that a session is started with unasked: fewer hold no question with its answer.</summary>
    public const int LeastContext = 256;

    /// <summary>Plans for the context that is asked for, or else for the longest that fits.</summary>
    /// <exception cref="GemmaVkException">The context is longer than the model's.</exception>
    public static MemoryPlan Plan(PlanRequest request)
    {
        int most = request.Model.Config.MaxPositionEmbeddings;
        if (request.Context is { } asked && (asked < 1 || asked > most))
        {
            throw new GemmaVkException($"--context {asked}: expected 1 to {most}, the model's max_position_embeddings.");
        }

        if (request.Sessions is < 1 or > PlanRequest.MostSessions)
        {
            throw new GemmaVkException($"--sessions {request.Sessions}: expected 1 to {PlanRequest.MostSessions} conversations at once.");
        }

        List<MemoryItem> items = [];
        List<BufferSize> buffers = [];
        long converted = AddFixed(request, items, buffers);
        long fixedBytes = items.Sum(item => item.Bytes) + Rounding(request.Device, buffers);
        int longest = TooLarge(request, buffers) is null ? LongestContext(context => Taken(request, fixedBytes, Session(request, context)), request.BudgetBytes, most) : 0;
        int planned = request.Context ?? Math.Max(longest, Math.Min(LeastContext, most));

        SessionMemory session = Session(request, planned);
        buffers.AddRange(session.Buffers);
        Add(items, PlanItems.SlidingKv, session.SlidingBytes);
        Add(items, PlanItems.FullKv, session.FullBytes);
        Add(items, PlanItems.Prefixes, request.Device.IsHostMemory ? session.PrefixBytes : 0);
        Add(items, PlanItems.Scratch, session.ScratchBytes);
        Add(items, PlanItems.Alignment, Rounding(request.Device, buffers));
        items.Sort((a, b) => PlanItems.Order.IndexOf(a.Name).CompareTo(PlanItems.Order.IndexOf(b.Name)));
        return new MemoryPlan(items, planned, longest, request.BudgetBytes, buffers, session.ScratchBytes, converted)
        {
            Sessions = request.Sessions,
            PrefixBytes = session.PrefixBytes,
            TooLarge = TooLarge(request, buffers),
        };
    }

    /// <summary>The largest context from 1 to <paramref name="most"/> whose bytes are within the budget, or 0.</summary>
    /// <param name="bytes">Bytes for a context; never fewer for a longer one.</param>
    /// <param name="budget">Bytes there are.</param>
    /// <param name="most">Longest context that counts.</param>
    public static int LongestContext(Func<int, long> bytes, long budget, int most)
    {
        int fits = 0;
        int tooLong = most + 1;
        while (tooLong - fits > 1)
        {
            int middle = fits + ((tooLong - fits) / 2);
            (fits, tooLong) = bytes(middle) <= budget ? (middle, tooLong) : (fits, middle);
        }

        return fits;
    }

    /// <summary>The buffers of a session's cache.</summary>
    public static IReadOnlyList<PlannedBuffer> Cache(IReadOnlyList<LayerPlan> layers, int context, int chunk, Precision precision) =>
        [.. layers.SelectMany(layer => LayerKv.Layout(layer, context, chunk, precision))];

    /// <summary>Everything that does not depend on the context. Returns the bytes that are read only to be converted.</summary>
    private static long AddFixed(PlanRequest request, List<MemoryItem> items, List<BufferSize> buffers)
    {
        bool inPlace = request.Device.ReadsMappedFiles;
        IReadOnlyList<PlannedWeight> target = PlannedWeight.Target(request.Model, request.Precision, inPlace, request.Media);
        IReadOnlyList<PlannedWeight> drafter = request.Drafter is null ? [] : PlannedWeight.Drafter(request.Drafter, request.DrafterPrecision, inPlace);
        foreach (string name in (string[])[PlanItems.Attention, PlanItems.FeedForward, PlanItems.Norms, PlanItems.Embedding, PlanItems.Vision, PlanItems.Audio])
        {
            Add(items, name, target.Where(weight => ItemOf(weight.Spec) == name).Sum(weight => weight.Bytes));
        }

        Add(items, PlanItems.Drafter, drafter.Sum(weight => weight.Bytes));
        buffers.AddRange(target.Concat(drafter).SelectMany(weight => weight.Buffers()));

        List<BufferSize> outlines = [];
        foreach ((IReadOnlyList<PlannedWeight> weights, HeadOutline wish) in ((IReadOnlyList<PlannedWeight>, HeadOutline)[])[(target, request.Precision.HeadOutline), (drafter, request.DrafterPrecision.HeadOutline)])
        {
            outlines.AddRange(weights.FirstOrDefault(weight => weight.Spec.Role == TensorRole.Embedding)?.Outline(wish, request.Device) ?? []);
        }

        buffers.AddRange(outlines);
        Add(items, PlanItems.Outline, outlines.Sum(buffer => buffer.Bytes));

        IReadOnlyList<PlannedBuffer> activations = ModelBuffers.Layout((Gemma4Config)request.Model.Config, Layers(request), request.Chunk);
        AddBuffers(items, buffers, PlanItems.Activations, activations.Where(buffer => buffer.Use == BufferUse.Device));
        AddBuffers(items, buffers, PlanItems.Logits, activations.Where(buffer => buffer.Use != BufferUse.Device));
        AddBuffers(items, buffers, PlanItems.DrafterActivations, request.DrafterBuffers);
        AddBuffers(items, buffers, PlanItems.MediaActivations, request.MediaBuffers);
        Add(items, PlanItems.Staging, request.Device.StagingBytes);
        Add(items, PlanItems.Measuring, request.Measures ? request.Device.MeasuringBytes : 0);
        Add(items, PlanItems.Reserve, request.Device.ReserveBytes + request.ProcessBytes);
        return target.Concat(drafter).Where(weight => !weight.Mapped).Sum(weight => weight.StoredBytes);
    }

    /// <summary>What depends on the context: the caches of all sessions, what they share, and what attention takes for itself, one session after the other.</summary>
    private static SessionMemory Session(PlanRequest request, int context)
    {
        IReadOnlyList<LayerPlan> layers = Layers(request);
        List<BufferSize> buffers = [];
        long sliding = 0, full = 0;
        foreach (LayerPlan layer in layers)
        {
            foreach (PlannedBuffer buffer in Cache([layer], context, request.Chunk, request.Precision))
            {
                long bytes = request.Sessions * buffer.Bytes;
                buffers.AddRange(Enumerable.Repeat(SizeOf(buffer), request.Sessions));
                (sliding, full) = layer.SlidingWindow > 0 ? (sliding + bytes, full) : (sliding, full + bytes);
            }
        }

        PassShapes shapes = new(
            request.Chunk,
            request.Model.Config.VocabSize,
            Math.Max(Math.Max(request.Model.Config.HiddenSize, request.Model.Config.IntermediateSize), layers.Max(layer => layer.QueryWidth)),
            AttentionShapes(layers, context, request));
        long scratch = request.Device.ScratchBytes(shapes);
        scratch = scratch == 0 ? 0 : DeviceMemory.RoundUp(scratch, request.Device.Alignment);
        long prefixes = request.PrefixBytes ?? (request.Sessions > 1 ? (sliding + full) / request.Sessions : 0);
        long taken = buffers.Sum(buffer => request.Device.Taken(buffer)) + scratch + (request.Device.IsHostMemory ? prefixes : 0);
        return new SessionMemory(buffers, sliding, full, scratch, prefixes, taken);
    }

    private static List<AttentionShape> AttentionShapes(IReadOnlyList<LayerPlan> layers, int context, PlanRequest request)
    {
        List<AttentionShape> shapes = [];
        foreach (LayerPlan layer in layers)
        {
            AttentionShape shape = new(
                layer.NumAttentionHeads, layer.NumKeyValueHeads, layer.HeadDim, LayerKv.RowsOf(layer, context, request.Chunk), request.Precision.Kv);
            if (!shapes.Exists(known => known == shape))
            {
                shapes.Add(shape);
            }
        }

        return shapes;
    }

    /// <summary>The bytes of a session and the rest; more than there can be where the device does not give one of its buffers.</summary>
    private static long Taken(PlanRequest request, long fixedBytes, SessionMemory session) =>
        TooLarge(request, session.Buffers) is null ? fixedBytes + session.Bytes : long.MaxValue;

    private static BufferSize? TooLarge(PlanRequest request, IEnumerable<BufferSize> buffers) => buffers.FirstOrDefault(buffer => buffer.Bytes > request.Device.MaxBufferBytes);

    private static long Rounding(DeviceMemory device, List<BufferSize> buffers) => buffers.Sum(buffer => device.Taken(buffer) - buffer.Bytes);

    private static void AddBuffers(List<MemoryItem> items, List<BufferSize> buffers, string name, IEnumerable<PlannedBuffer> planned)
    {
        List<BufferSize> sizes = [.. planned.Select(SizeOf)];
        buffers.AddRange(sizes);
        Add(items, name, sizes.Sum(size => size.Bytes));
    }

    private static void Add(List<MemoryItem> items, string name, long bytes)
    {
        if (bytes > 0)
        {
            items.Add(new MemoryItem(name, bytes));
        }
    }

    internal static BufferSize SizeOf(PlannedBuffer buffer) =>
        new(buffer.Name, buffer.Bytes, Math.Max(1, QuantBlocks.RowBytes(buffer.DType, buffer.Shape[Math.Max(0, buffer.Shape.Rank - 1)])), buffer.Use);

    private static IReadOnlyList<LayerPlan> Layers(PlanRequest request) => LayerPlan.For(request.Model.Config);

    private static string ItemOf(TensorSpec spec) => spec.Role switch
    {
        TensorRole.Embedding => PlanItems.Embedding,
        TensorRole.Linear => spec.Name.Contains(".self_attn.", StringComparison.Ordinal) ? PlanItems.Attention : PlanItems.FeedForward,
        _ when spec.Name == TensorNames.EmbedAudio => PlanItems.Audio,
        _ when spec.Name.Contains("vision", StringComparison.Ordinal) => PlanItems.Vision,
        _ => PlanItems.Norms,
    };

    private sealed record SessionMemory(IReadOnlyList<BufferSize> Buffers, long SlidingBytes, long FullBytes, long ScratchBytes, long PrefixBytes, long Bytes);
}
