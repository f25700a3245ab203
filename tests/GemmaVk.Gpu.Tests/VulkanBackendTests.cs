using System;
using System.Linq;
using GemmaVk.Gpu.Kernels;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>What is Vulkan's own about the backend: chunks, variants, recordings, placing. Kernels are tested for all backends alike.</summary>
public sealed class VulkanBackendTests
{
    [Theory]
    [InlineData(DType.Q4, true)]
    [InlineData(DType.Q4, false)]
    [InlineData(DType.F8E4M3, false)]
    public void AMatrixInManyChunksGivesTheSameBits(DType format, bool quantised)
    {
        SeededMatrix source = new(format, 1000, 64);
        float[] whole = Product(new TestBackend(), source, quantised, chunks: 1);
        float[] pieces = Product(new TestBackend(o => o with { MaxChunkBytes = 16384 }), source, quantised, chunks: 2);
        Assert.Equal(whole, pieces);
        Assert.Equal(whole, Product(new TestBackend(o => o with { MaxChunkBytes = 16384, AlwaysStage = true }), source, quantised, chunks: 2));
    }

    [Fact]
    public void AnEmbeddingInManyChunksFindsEveryRow()
    {
        using TestBackend test = new(o => o with { MaxChunkBytes = 8192 });
        SeededMatrix source = new(DType.Q8, 500, 32);
        using WeightMatrix table = test.Backend.Place(source);
        int[] ids = [0, 499, 127, 128, -1, 255, 256];
        using BufferHandle idBuffer = test.Filled<int>(DType.I32, ids);
        float[] expected = new float[ids.Length * 32];
        using BufferHandle x = test.Filled<float>(DType.F32, expected);
        Embed.Reference(ids, DType.Q8, source.Data, source.Scales, 32, 2, expected);
        test.Run(pass => pass.Embed(new(idBuffer, table, 2, x, ids.Length)));
        Assert.Equal(expected, test.Read(x));
    }

    [Theory]
    [InlineData(DType.F32)]
    [InlineData(DType.F16)]
    [InlineData(DType.Q8)]
    public void ACacheInManyChunksIsAppendedToAndRead(DType dtype) => AppendedToAndRead(dtype, options => options, 1e-5f);

    [MatrixTheory]
    [InlineData(DType.F16)]
    [InlineData(DType.Q8)]
    public void ACacheInManyChunksIsReadOnMatrixUnits(DType dtype) => AppendedToAndRead(dtype, options => options with { Matrices = true }, 4e-3f, larger: 8);

    private static void AppendedToAndRead(DType dtype, Func<GpuOptions, GpuOptions> change, float tolerance, int larger = 1)
    {
        const int T = 7, H = 4, K = 2, W = 32;
        // Four chunks that are no smaller than what the splits leave behind, which are more on matrix units.
        int R = larger * (dtype == DType.Q8 ? 1000 : 500);
        long chunk = QuantBlocks.RowBytes(dtype, 8192 * R / 500);
        using TestBackend test = new(o => change(o) with { MaxChunkBytes = chunk });
        using BufferHandle k = test.Backend.Allocate("k", dtype, new Shape(K, R, W));
        using BufferHandle v = test.Backend.Allocate("v", dtype, new Shape(K, R, W));
        using BufferHandle kScales = test.Backend.Allocate("k_scale", DType.BF16, new Shape(K, R, W / 32));
        using BufferHandle vScales = test.Backend.Allocate("v_scale", DType.BF16, new Shape(K, R, W / 32));
        KvRows rowsOf = dtype == DType.Q8 ? new(k, v, R, kScales, vScales) : new(k, v, R);
        using BufferHandle key = test.Backend.Allocate("key", DType.F32, new Shape(T, K, W));
        using BufferHandle positionBuffer = test.Backend.Allocate("positions", DType.I32, new Shape(T), BufferUse.Step);
        using IRecording append = test.Backend.Record("append", pass => pass.KvAppend(new(key, key, rowsOf, positionBuffer, T, K, W)));
        float[] cache = new float[K * R * W];
        int[] positions = new int[T];
        // Past the end of the ring once.
        for (int at = 0; at < R + 141; at += T)
        {
            float[] rows = Stored(Values(T * K * W, at), dtype);
            positions = [.. Enumerable.Range(at, T)];
            test.Backend.Write<float>(key, rows);
            test.Backend.Write<int>(positionBuffer, positions);
            test.Backend.Run(append);
            KvAppend.Reference(rows, positions, cache, T, K, W, R);
        }

        Assert.Equal(4, ((VulkanBuffer)k).Memory.Chunks.Count);
        float[] q = Values(T * H * W, 7);
        using BufferHandle qBuffer = test.Filled<float>(DType.F32, q);
        using BufferHandle y = test.Backend.Allocate("y", DType.F32, new Shape(T, H * W));
        foreach (int window in new[] { 400, 150, 30 })
        {
            foreach (int rows in new[] { 2, T })
            {
                float[] expected = new float[rows * H * W];
                AttentionDecode.Reference(q, cache, cache, positions, positions, expected, rows, H, K, W, R, window);
                test.Run(pass =>
                {
                    if (rows == T)
                        pass.AttentionPrefill(new(qBuffer, rowsOf, positionBuffer, positionBuffer, y, rows, H, K, W, window));
                    else
                        pass.AttentionDecode(new(qBuffer, rowsOf, positionBuffer, positionBuffer, y, rows, H, K, W, window));
                });
                float[] actual = test.Read(y);
                for (int i = 0; i < expected.Length; i++)
                    Assert.Equal(expected[i], actual[i], rows == T ? tolerance : 1e-5f);
            }
        }
    }

    // Values that the format keeps as they are: 127 in each group makes a step one.
    private static float[] Stored(float[] values, DType dtype) => dtype == DType.Q8
        ? [.. values.Select((value, i) => i % 32 == 0 ? 127 / 128f : MathF.Round(value * 127) / 128)]
        : [.. values.Select(value => (float)(Half)value)];

    [Theory]
    [InlineData(DType.Q4)]
    [InlineData(DType.Q8)]
    [InlineData(DType.Q4K)]
    [InlineData(DType.Q5K)]
    [InlineData(DType.Q6K)]
    public void IntegerDotAndPairsOfProductsAgree(DType format)
    {
        SeededMatrix source = new(format, 70, 512);
        float[] written = Product(new TestBackend(integerDot: false), source, quantised: true, chunks: 1);
        using TestBackend native = new();
        if (native.Device.Features.IntegerDotProduct)
            Assert.Equal(written, Product(new TestBackend(integerDot: true), source, quantised: true, chunks: 1));
        Assert.Contains(native.Backend.Variants, v => v.Variant == (native.Device.Features.IntegerDotProductAccelerated ? "mat_vec_q4_dot4" : "mat_vec_q4_i8"));
    }

    [Fact]
    public void ARunAllocatesNothing()
    {
        using TestBackend test = new(o => o with { Validation = false });
        using BufferHandle x = test.Filled<float>(DType.F32, new float[256]);
        using IRecording recording = test.Backend.Record("run", pass => pass.SoftCap(new(x, x, 30, 256)));
        test.Backend.Run(recording);
        Assert.Equal(0, Allocation.Least(() =>
        {
            for (int i = 0; i < 20; i++)
                test.Backend.Run(recording);
        }));
    }

    [Fact]
    public void TimesAreKeptPerKernel()
    {
        using TestBackend test = new(o => o with { Timing = true });
        using BufferHandle x = test.Filled<float>(DType.F32, new float[4096]);
        using IRecording recording = test.Backend.Record("timed", pass =>
        {
            pass.SoftCap(new(x, x, 30, 4096));
            pass.RmsNorm(new(x, null, x, 1, 4096, 1e-6f));
        });
        Assert.Empty(test.Backend.KernelTimes);
        test.Backend.Run(recording);
        Assert.Equal([nameof(RmsNorm), nameof(SoftCap)], test.Backend.KernelTimes.Keys.Order());
        TimeSpan once = test.Backend.KernelTimes[nameof(SoftCap)];
        test.Backend.Run(recording);
        Assert.True(test.Backend.KernelTimes[nameof(SoftCap)] > once);
    }

    [Fact]
    public void ReadingHasASpeed()
    {
        using TestBackend test = new(o => o with { MaxChunkBytes = 8 << 20 });
        Assert.InRange(test.Backend.MeasureReadBandwidth(), 1e6, 1e14);
    }

    [Fact]
    public void CopiesBetweenDifferentlyChunkedBuffers()
    {
        using TestBackend test = new(o => o with { MaxChunkBytes = 4096 });
        float[] values = Values(5000, 1);
        using BufferHandle from = test.Backend.Allocate("from", DType.F32, new Shape(50, 100));
        using BufferHandle to = test.Backend.Allocate("to", DType.F32, new Shape(1000, 5));
        test.Backend.Write<float>(from, values);
        test.Backend.Copy(from, to);
        Assert.Equal(values, test.Read(to));
    }

    [Fact]
    public void PlacingReportsEveryByteAndPassesComplaintsOn()
    {
        using TestBackend test = new();
        SeededMatrix source = new(DType.Q4, 300, 64);
        long placed = 0;
        using (WeightMatrix matrix = test.Backend.Place(source, bytes => System.Threading.Interlocked.Add(ref placed, bytes)))
            Assert.Equal(matrix.Bytes, placed);
        long before = test.Device.Heap.ReservedBytes;
        Assert.Throws<GemmaVkException>(() => test.Backend.Place(new BrokenMatrix()));
        Assert.Equal(before, test.Device.Heap.ReservedBytes);
    }

    [Fact]
    public void AnotherBackendsBufferAndTooSmallOnesAreRefused()
    {
        using TestBackend one = new();
        using TestBackend two = new();
        using BufferHandle x = one.Filled<float>(DType.F32, new float[8]);
        Assert.Throws<ArgumentException>(() => two.Read(x));
        Assert.Throws<ArgumentException>(() => two.Run(pass => pass.SoftCap(new(x, x, 30, 8))));
        Assert.Throws<ArgumentException>(() => one.Run(pass => pass.SoftCap(new(x, x, 30, 9))));
    }

    [Fact]
    public void BuffersAndRecordingsMayBeDisposedAfterTheBackend()
    {
        using GpuInstance gpu = GpuInstance.Create(new GpuOptions());
        VulkanBackend backend = VulkanBackend.Open(gpu, gpu.Devices.First(d => d.Type == GpuDeviceType.Software).Index);
        BufferHandle x = backend.Allocate("x", DType.F32, new Shape(64));
        IRecording recording = backend.Record("late", pass => pass.SoftCap(new(x, x, 30, 64)));
        backend.Run(recording);
        backend.Dispose();
        backend.Dispose();
        recording.Dispose();
        x.Dispose();
        Assert.True(backend.Device.MemoryBytes > 1L << 30);
    }

    [Fact]
    public void EveryKernelHasAVariantWithAReason()
    {
        using TestBackend test = new();
        Assert.Equal(typeof(IPass).GetMethods().Select(m => m.Name), test.Backend.Variants.Select(v => v.Kernel));
        Assert.All(test.Backend.Variants, v => Assert.True(v.Reason.Length > 0 && Pipelines.ShaderModule.Embedded.Contains(v.Variant), $"{v}"));
    }

    private static float[] Product(TestBackend made, SeededMatrix source, bool quantised, int chunks)
    {
        const int T = 2;
        using TestBackend test = made;
        int K = source.Columns;
        using WeightMatrix w = test.Backend.Place(source);
        Assert.Equal(chunks > 1, WeightChunk.Of(w).Count() > 1);
        using BufferHandle x = test.Filled<float>(DType.F32, Values(T * K, 3));
        using BufferHandle q = test.Backend.Allocate("q", DType.I8, new Shape(T, K));
        using BufferHandle d = test.Backend.Allocate("d", DType.F32, new Shape(T, K / 32));
        using BufferHandle sum = test.Backend.Allocate("sum", DType.F32, new Shape(T, K / 32));
        using BufferHandle y = test.Backend.Allocate("y", DType.F32, new Shape(T, source.Rows));
        Activations rows = quantised ? new(q, d, sum) : new(x);
        test.Run(pass =>
        {
            if (quantised)
                pass.QuantizeRows(new(x, rows, source.Format, T, K));
            pass.MatVec(new(rows, w, y, T));
        });
        return test.Read(y);
    }

    private static float[] Values(int count, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }
}
