using System;
using System.Collections.Generic;
using BenchmarkDotNet.Attributes;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Bench;

/// <summary>One kernel on one backend: records it once and runs the recording.</summary>
public abstract class KernelBench
{
    private readonly List<IDisposable> _made = [];
    private readonly float[] _one = new float[1];
    private IRecording? _recording;
    private BufferHandle? _result;

    /// <summary>Backend under measurement.</summary>
    [ParamsSource(nameof(BackendNames))]
    public string Backend { get; set; } = "cpu";

    /// <summary>All of them.</summary>
    public static IEnumerable<string> BackendNames => BenchBackends.Names;

    /// <summary>Bytes that one run must read and write.</summary>
    public abstract double Bytes { get; }

    /// <summary>Multiplications and additions of one run, 0 where they are not the point.</summary>
    public virtual double Operations => 0;

    /// <summary>The backend itself.</summary>
    protected IBackend Device => BenchBackends.Get(Backend);

    /// <summary>Makes buffers and records.</summary>
    [GlobalSetup]
    public void Setup()
    {
        Action<IPass> body = Prepare();
        _result = Floats(1);
        _recording = Device.Record(GetType().Name, body);
        Run();
    }

    /// <summary>One run, to its end.</summary>
    [Benchmark]
    public void Run()
    {
        Device.Run(_recording!);
        // Reading waits for the work.
        Device.Read(_result!, _one.AsSpan());
    }

    /// <summary>Gives everything back.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _recording?.Dispose();
        foreach (IDisposable made in _made)
        {
            made.Dispose();
        }

        _made.Clear();
    }

    /// <summary>Makes what the kernel reads and returns the call.</summary>
    protected abstract Action<IPass> Prepare();

    /// <summary>A buffer of random floats in -1 .. 1.</summary>
    protected BufferHandle Floats(params ReadOnlySpan<long> extents)
    {
        BufferHandle buffer = Keep(Device.Allocate("bench", DType.F32, new Shape(extents)));
        Random random = new(1);
        float[] values = new float[buffer.Shape.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (random.NextSingle() * 2) - 1;
        }

        Device.Write<float>(buffer, values);
        return buffer;
    }

    /// <summary>A zeroed buffer.</summary>
    protected BufferHandle Zeros(DType dtype, params ReadOnlySpan<long> extents)
    {
        BufferHandle buffer = Keep(Device.Allocate("bench", dtype, new Shape(extents)));
        Device.Write<byte>(buffer, new byte[buffer.Bytes]);
        return buffer;
    }

    /// <summary>Consecutive integers.</summary>
    protected BufferHandle Range(int first, int count)
    {
        int[] values = new int[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = first + i;
        }

        BufferHandle buffer = Keep(Device.Allocate("bench", DType.I32, new Shape(count)));
        Device.Write<int>(buffer, values);
        return buffer;
    }

    /// <summary>A cache of zeros for K heads of width W; of values alone, with P pairs that rotate, where the format says so.</summary>
    protected KvRows Cache(CacheFormat format, int K, int R, int W)
    {
        DType dtype = format is CacheFormat.Q8 or CacheFormat.Q8Values ? DType.Q8 : DType.F16;
        bool valuesOnly = format is CacheFormat.F16Values or CacheFormat.Q8Values;
        int P = W / 8;
        return new KvRows(
            valuesOnly ? null : Zeros(dtype, K, R, W),
            Zeros(dtype, K, R, W),
            R,
            valuesOnly || dtype != DType.Q8 ? null : Zeros(DType.BF16, K, R, W / 32),
            dtype != DType.Q8 ? null : Zeros(DType.BF16, K, R, W / 32),
            valuesOnly ? new KeysFromValues(Floats(W), Floats((R / KeysFromValues.Step) + 1, 2 * P), Floats(KeysFromValues.Step, 2 * P), P) : null);
    }

    /// <summary>Bytes of <paramref name="rows"/> rows of a cache with K heads of width W.</summary>
    protected static double CacheBytes(CacheFormat format, int K, double rows, int W) =>
        K * rows * W * (format is CacheFormat.Q8 or CacheFormat.Q8Values ? 1 + (2 / 32.0) : 2) * (format is CacheFormat.F16Values or CacheFormat.Q8Values ? 1 : 2);

    /// <summary>A matrix of pseudo-random bytes.</summary>
    protected WeightMatrix Matrix(DType format, int N, int K) => Keep(Device.Place(new NoiseMatrix(format, N, K)));

    /// <summary>Rows as the runtime gives them to weights of a format: INT8 for formats of integers.</summary>
    protected Activations Rows(DType format, int T, int K)
    {
        BufferHandle x = Floats(T, K);
        if (!QuantBlocks.HasGroups(format))
        {
            return new Activations(x);
        }

        Activations rows = new(Zeros(DType.I8, T, K), Zeros(DType.F32, T, K / 32), Zeros(DType.F32, T, K / 32));
        using IRecording quantise = Device.Record("quantise", pass => pass.QuantizeRows(new(x, rows, format, T, K)));
        Device.Run(quantise);
        return rows;
    }

    private T Keep<T>(T made)
        where T : IDisposable
    {
        _made.Add(made);
        return made;
    }
}
