using System;
using System.Linq;
using GemmaVk.Ilgpu.Devices;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Ilgpu.Tests;

/// <summary>Memory and recordings of the CPU accelerator.</summary>
public class BackendTests
{
    [Fact]
    public void MoreThanThereIsIsRefusedWithBothNumbers()
    {
        using IlgpuBackend backend = Open(new IlgpuOptions(MemoryBytes: 1000));
        using BufferHandle first = backend.Allocate("first", DType.F32, new Shape(200));
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => backend.Allocate("second", DType.F32, new Shape(100)));
        Assert.StartsWith("no room for second: it needs 400 bytes, and 200 of 1,000 are left", error.Message, StringComparison.Ordinal);
        IlgpuDeviceInfo limited = IlgpuDevices.Choose("ilgpu:cpu", out _) with { MaxBufferBytes = 100 };
        using IlgpuBackend pieces = IlgpuBackend.Open(limited);
        error = Assert.Throws<GemmaVkException>(() => pieces.Allocate("large", DType.F32, new Shape(100)));
        Assert.StartsWith("no room for large: it needs 400 bytes in one piece, and ILGPU's CPU accelerator gives at most 100", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WritesAndReadsStayWithinTheirBuffer()
    {
        using IlgpuBackend backend = Open();
        using BufferHandle buffer = backend.Allocate("four", DType.F32, new Shape(4));
        using BufferHandle copy = backend.Allocate("copy", DType.F32, new Shape(4));
        backend.Write<float>(buffer, [1, 2, 3, 4]);
        backend.Write<float>(buffer, [7], first: 2);
        backend.Copy(buffer, copy);
        float[] read = new float[3];
        backend.Read<float>(copy, read, first: 1);
        Assert.Equal([2, 7, 4], read);
        Assert.Throws<ArgumentException>(() => backend.Write<float>(buffer, [1, 2], first: 3));
        Assert.Throws<ArgumentException>(() => backend.Read<float>(buffer, read, first: -1));
        using BufferHandle other = backend.Allocate("five", DType.F32, new Shape(5));
        Assert.Throws<ArgumentException>(() => backend.Copy(buffer, other));
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => backend.Write<float>(buffer, [1]));
    }

    [Fact]
    public void ARecordingRunsAgainOnWhatItsBuffersHoldThenAndTakesNoMemoryOfItsOwn()
    {
        using IlgpuBackend backend = Open();
        using BufferHandle x = backend.Allocate("x", DType.F32, new Shape(64));
        using BufferHandle y = backend.Allocate("y", DType.F32, new Shape(64));
        int calls = 0;
        using IRecording recording = backend.Record("twice", pass =>
        {
            calls++;
            for (int i = 0; i < 50; i++)
            {
                pass.SoftCap(new(x, y, 30, 64));
            }
        });
        float[] read = new float[64];
        foreach (float value in (float[])[1, 2, 3])
        {
            backend.Write<float>(x, Enumerable.Repeat(value, 64).ToArray());
            backend.Run(recording);
            backend.Read<float>(y, read);
            Assert.All(read, result => Assert.Equal(30 * MathF.Tanh(value / 30), result, 5));
        }

        Assert.Equal(1, calls);
        // ILGPU makes an object per launch, of which the arguments are the most.
        Assert.InRange(Allocation.Least(() => backend.Run(recording)), 0, 50 * 256);
    }

    [Fact]
    public void AMatrixIsReadWhereItIsMappedOrCopiedWithTheSameResult()
    {
        using IlgpuBackend backend = Open();
        using IlgpuBackend copying = Open(new IlgpuOptions(AlwaysCopy: true));
        using MappedMatrix source = new(6, 64);
        long progress = 0;
        using WeightMatrix mapped = backend.Place(source, bytes => System.Threading.Interlocked.Add(ref progress, bytes));
        using WeightMatrix copied = copying.Place(source);
        Assert.True(mapped.InPlace);
        Assert.False(copied.InPlace);
        Assert.Equal(mapped.Bytes, progress);
        Assert.Equal(0, backend.Ledger.HeldBytes);
        Assert.Equal(copied.Bytes, copying.Ledger.HeldBytes);
        Assert.Equal(Product(backend, mapped), Product(copying, copied));
    }

    private static float[] Product(IlgpuBackend backend, WeightMatrix w)
    {
        using BufferHandle x = backend.Allocate("x", DType.F32, new Shape(w.K));
        using BufferHandle y = backend.Allocate("y", DType.F32, new Shape(w.N));
        backend.Write<float>(x, Enumerable.Range(1, w.K).Select(k => 1f / k).ToArray());
        using IRecording recording = backend.Record("product", pass => pass.MatVec(new(new Activations(x), w, y, 1)));
        backend.Run(recording);
        float[] read = new float[w.N];
        backend.Read<float>(y, read);
        return read;
    }

    private static IlgpuBackend Open(IlgpuOptions? options = null) => IlgpuBackend.Open(IlgpuDevices.Choose("ilgpu:cpu", out _), options);

    /// <summary>Rows of floats at a fixed address, as in a mapped file.</summary>
    private sealed class MappedMatrix : MatrixSource, IDisposable
    {
        private readonly float[] _values;
        private readonly System.Runtime.InteropServices.GCHandle _pin;

        public MappedMatrix(int rows, int columns)
        {
            (Rows, Columns) = (rows, columns);
            _values = [.. Enumerable.Range(0, rows * columns).Select(i => MathF.Sin(i))];
            _pin = System.Runtime.InteropServices.GCHandle.Alloc(_values, System.Runtime.InteropServices.GCHandleType.Pinned);
        }

        public override string Name => "mapped";

        public override DType Format => DType.F32;

        public override int Rows { get; }

        public override int Columns { get; }

        public override nint MappedData => _pin.AddrOfPinnedObject();

        public override void ReadRows(int first, int count, Span<byte> data, Span<ushort> scale) =>
            System.Runtime.InteropServices.MemoryMarshal.AsBytes(_values.AsSpan(first * Columns, count * Columns)).CopyTo(data);

        public void Dispose() => _pin.Free();
    }
}
