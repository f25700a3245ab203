using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Media;
using GemmaVk.Runtime.Planning;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Weights;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>
/// The plan beside what the system counts: most pages the process held while it loaded, filled a whole context and ran.
/// Other tests of this process would be counted too, so it runs while no other does.
/// </summary>
[CollectionDefinition(nameof(ResidentMemoryTests), DisableParallelization = true)]
[Collection(nameof(ResidentMemoryTests))]
public sealed partial class ResidentMemoryTests
{
    private const long MiB = 1 << 20;

    [LinuxFact]
    public void Pebble() => Check(Path.Combine(Repository.Root, "weights", "pebble"), context: null);

    [LinuxFact]
    public void Tiny() => Check(Repository.Golden("tiny-w4a16-ct"), context: null);

    [GoldenFact("generated", "A.safetensors")]
    public void Six_layers_of_the_12B() => Check(GeneratedData.Folder("generated-6"), context: 32768);

    [FullSizeFact]
    public void The_whole_12B() => Check(GeneratedData.Folder("generated-48"), context: 8192);

    [LinuxFact]
    public void A_context_that_is_not_used_takes_no_memory()
    {
        using IBackend backend = Backends.Open("cpu");
        long before = Status("VmRSS:");
        // As large as a full layer's cache of the 12B at 262,144 positions.
        using BufferHandle cache = backend.Allocate("cache", Tensors.DType.F16, new Tensors.Shape(1, 262144, 512));
        backend.Write<Half>(cache, new Half[512], first: 1000 * 512);
        Assert.InRange(Status("VmRSS:") - before, -64 * MiB, 64 * MiB);
    }

    private static void Check(string folder, int? context)
    {
        const int Chunk = 512;
        using IBackend backend = Backends.Open("cpu");
        using Checkpoint checkpoint = Checkpoint.Open(folder);
        MemoryPlan plan = MemoryPlanner.Plan(new PlanRequest(CheckpointFacts.Of(checkpoint), backend.Memory, new Precision(), 1L << 40)
        {
            Context = context,
            Chunk = Chunk,
            Media = true,
            MediaBuffers = MediaBuffers.Layout(checkpoint.Config, Chunk, Chunk),
        });
        // What earlier tests have left is given back first: it would be taken again and not be counted.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _ = Trim(0);
        File.WriteAllText("/proc/self/clear_refs", "5");
        long before = Status("VmRSS:");
        backend.Prepare(plan.Buffers, plan.ScratchBytes);
        using GemmaModel model = GemmaModel.Load(checkpoint, backend, new Precision(), Chunk);
        using Session session = model.NewSession(plan.Context);
        session.SkipTo(plan.Context - Chunk - 1);
        session.Prefill([.. Enumerable.Range(0, Math.Min(Chunk, plan.Context - 1)).Select(i => 12 + (i % 50))], default(Sample.Choice));

        long peak = Status("VmHWM:") - before;
        Assert.Equal(plan.TotalBytes, backend.Ledger.Held.Sum(entry => entry.Bytes));
        Assert.True(
            Math.Abs(peak - plan.TotalBytes) <= 300 * MiB,
            $"planned {plan.TotalBytes:N0} bytes, but at most {peak:N0} were resident");
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint keep);

    // "VmHWM:   123456 kB"
    private static long Status(string key) => 1024 * long.Parse(
        File.ReadLines("/proc/self/status").Single(line => line.StartsWith(key, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
        CultureInfo.InvariantCulture);
}
