using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using GemmaVk.Gpu;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Media;
using GemmaVk.Runtime.Planning;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Weights;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>A plan is a contract: what is allocated is what it lists, by name and to the byte, whatever runs afterwards.</summary>
public sealed class PlanContractTests
{
    private const int Chunk = 100;

    public static TheoryData<string, string, Precision> Models
    {
        get
        {
            TheoryData<string, string, Precision> data = [];
            foreach (string device in new[] { "cpu", "vulkan" })
            {
                foreach (string model in new[] { "tiny", "tiny-w4a16-ct", "tiny-w8a16-ct", "tiny-fp8-ct", "pebble" })
                {
                    data.Add(device, model, new Precision());
                }

                data.Add(device, "tiny", Precision.Reference);
                data.Add(device, "tiny", new Precision(Linears: DType.Q4, Embedding: DType.Q4));
                data.Add(device, "pebble", new Precision(Linears: DType.Q8, QuantiseActivations: true));
            }

            data.Add("ilgpu", "tiny-w4a16-ct", new Precision());
            data.Add("ilgpu", "pebble", new Precision());
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void What_is_allocated_is_what_was_planned(string device, string model, Precision precision)
    {
        using IBackend backend = Backends.Open(device);
        using Checkpoint checkpoint = Checkpoint.Open(model == "pebble" ? Path.Combine(Repository.Root, "weights", "pebble") : Repository.Golden(model));
        PlanRequest request = new(CheckpointFacts.Of(checkpoint), backend.Memory, precision, 1L << 40)
        {
            Chunk = Chunk,
            Media = true,
            MediaBuffers = MediaBuffers.Layout(checkpoint.Config, Chunk, Chunk),
        };
        MemoryPlan plan = MemoryPlanner.Plan(request);
        Assert.Equal(checkpoint.Config.MaxPositionEmbeddings, plan.Context);

        backend.Prepare(plan.Buffers, plan.ScratchBytes);
        using GemmaModel loaded = GemmaModel.Load(checkpoint, backend, precision, Chunk);
        using Session session = loaded.NewSession(plan.Context);
        Compare(plan, request, backend);

        // Long and short passes, logits and draws: kernels find all they need.
        long held = backend.Ledger.HeldBytes;
        Sample.Choice choice = new(Temperature: 1, TopK: 0, TopP: 0.9f, Seed: 1);
        int id = session.Prefill([.. Enumerable.Range(0, Math.Min(250, plan.Context - 20)).Select(i => 12 + (i % 100))], choice);
        session.Run([1, 2, 3, 4, 5, 6, 7, 8], 8, choice);
        for (int i = 0; i < 3; i++)
        {
            id = session.Decode(id, choice);
        }

        Assert.Equal(held, backend.Ledger.HeldBytes);
        Assert.Equal(held, backend.Ledger.PeakBytes);
        Compare(plan, request, backend);
    }

    [Theory]
    [MemberData(nameof(Backends.Devices), MemberType = typeof(Backends))]
    public void Measuring_takes_what_it_says_and_gives_it_back(string device)
    {
        using IBackend backend = Backends.Open(device);
        long before = backend.Ledger.HeldBytes;
        backend.MeasureReadBandwidth();
        Assert.Equal(before, backend.Ledger.HeldBytes);
        Assert.Equal(before + backend.Memory.MeasuringBytes, backend.Ledger.PeakBytes);
    }

    [Theory]
    [MemberData(nameof(Backends.Devices), MemberType = typeof(Backends))]
    public void Measuring_over_weights_takes_nothing_of_size(string device)
    {
        const long Small = 2 << 20;
        using IBackend backend = Backends.Open(device);
        BufferHandle[] buffers = [.. Enumerable.Range(0, 3).Select(i => backend.Allocate($"w{i}", Tensors.DType.F32, new Tensors.Shape(4096, 256)))];
        Array.ForEach(buffers, buffer => backend.Write<float>(buffer, new float[4096 * 256]));
        long held = backend.Ledger.HeldBytes;
        Assert.InRange(backend.MeasureReadBandwidth(buffers), 1e6, 1e14);
        Assert.Equal(held, backend.Ledger.HeldBytes);
        Assert.InRange(backend.Ledger.PeakBytes, held, held + Small);
        using BufferHandle tiny = backend.Allocate("tiny", Tensors.DType.F32, new Tensors.Shape(8));
        Assert.Equal(0, backend.MeasureReadBandwidth([tiny]));
        Array.ForEach(buffers, buffer => buffer.Dispose());
    }

    /// <summary>Entries under their names; data and scales of a matrix count as one.</summary>
    private static void Compare(MemoryPlan plan, PlanRequest request, IBackend backend)
    {
        IEnumerable<(string, long)> planned = plan.Buffers.Select(buffer => (buffer.Name, buffer.Bytes))
            .Concat(PlannedWeight.Target(request.Model, request.Precision, request.Device.ReadsMappedFiles, media: true).Where(weight => weight.Mapped).Select(weight => (weight.Spec.Name, weight.Bytes)))
            .Append(("scratch", plan.ScratchBytes));
        IEnumerable<(string, long)> held = backend.Ledger.Held.Select(entry => (entry.Name, entry.Bytes));
        SortedDictionary<string, long> plannedSums = Sums(planned), heldSums = Sums(held);
        Assert.Equal("", string.Join("; ", plannedSums.Except(heldSums).Select(entry => $"planned {entry}").Concat(heldSums.Except(plannedSums).Select(entry => $"held {entry}"))));
        if (backend is VulkanBackend vulkan)
        {
            // Down to what the driver was asked for.
            Assert.Equal(plan.TotalBytes - plan[PlanItems.Reserve] - plan[PlanItems.Staging], vulkan.ReservedBytes);
        }
        else
        {
            Assert.Equal(plan.TotalBytes - plan[PlanItems.Reserve], backend.Ledger.Held.Sum(entry => entry.Bytes));
        }
    }

    private static SortedDictionary<string, long> Sums(IEnumerable<(string Name, long Bytes)> entries)
    {
        SortedDictionary<string, long> sums = new(StringComparer.Ordinal);
        foreach ((string name, long bytes) in entries.Where(entry => entry.Bytes > 0))
        {
            string matrix = name.EndsWith(".scale", StringComparison.Ordinal) ? name[..^".scale".Length] : name;
            sums[matrix] = sums.GetValueOrDefault(matrix) + bytes;
        }

        return sums;
    }
}
