using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Tests;

/// <summary>A backend made of the kernels' scalar oracles: the forward pass is checked on it before any fast code counts.</summary>
internal sealed class ReferenceBackend : IBackend
{
    public DeviceDescription Device { get; } = new("reference", "scalar oracles", "none", 0, []);

    public IReadOnlyList<KernelVariant> Variants => [];

    public IReadOnlyDictionary<string, TimeSpan> KernelTimes { get; } = new Dictionary<string, TimeSpan>();

    // The name belongs to the class of its buffers.
    DeviceMemory IBackend.Memory => new() { Name = "reference", TotalBytes = long.MaxValue, AvailableBytes = long.MaxValue, Source = "none" };

    public MemoryLedger Ledger { get; } = new();

    public void Prepare(IReadOnlyList<BufferSize> buffers, long scratchBytes)
    {
    }

    public BufferHandle Allocate(string name, DType dtype, Shape shape, BufferUse use = BufferUse.Device) => new Memory(name, dtype, shape);

    public WeightMatrix Place(MatrixSource source, Action<long>? progress = null)
    {
        long rowBytes = QuantBlocks.RowBytes(source.Format, source.Columns);
        long rowScales = QuantBlocks.RowScales(source.Format, source.Columns);
        Memory data = new(source.Name, DType.I8, new Shape(source.Rows * rowBytes));
        Memory? scale = rowScales == 0 ? null : new Memory(source.Name + ".scale", DType.BF16, new Shape(source.Rows * rowScales));
        source.ReadRows(0, source.Rows, data.Data, scale is null ? [] : scale.As<ushort>());
        progress?.Invoke(data.Bytes);
        return new WeightMatrix(source.Format, source.Rows, source.Columns, data, scale);
    }

    public void Write<T>(BufferHandle buffer, ReadOnlySpan<T> data, long first = 0)
        where T : unmanaged => data.CopyTo(((Memory)buffer).As<T>()[(int)first..]);

    public void Read<T>(BufferHandle buffer, Span<T> data, long first = 0)
        where T : unmanaged => ((Memory)buffer).As<T>().Slice((int)first, data.Length).CopyTo(data);

    public void Copy(BufferHandle source, BufferHandle destination) => ((Memory)source).Data.CopyTo(((Memory)destination).Data.AsSpan());

    public IRecording Record(string name, Action<IPass> body) => new Recording(name, body);

    public void Run(IRecording recording) => ((Recording)recording).Body(new Pass());

    public double MeasureReadBandwidth(IReadOnlyList<BufferHandle>? over = null) => 1;

    public void Dispose()
    {
    }

    private sealed class Memory(string name, DType dtype, Shape shape) : BufferHandle(name, dtype, shape)
    {
        // F16 and Q8 caches are kept as floats that were rounded as those are: the oracles read floats.
        public byte[] Data { get; } = new byte[QuantBlocks.RowBytes(dtype is DType.F16 or DType.Q8 ? DType.F32 : dtype, shape.Count)];

        public Span<T> As<T>()
            where T : unmanaged => MemoryMarshal.Cast<byte, T>(Data.AsSpan());

        public override void Dispose()
        {
        }
    }

    private sealed record Recording(string Name, Action<IPass> Body) : IRecording
    {
        public void Dispose()
        {
        }
    }

    private sealed class Pass : IPass
    {
        public void CutPatches(in CutPatches.Args a) =>
            Kernels.CutPatches.Reference(Bytes(a.Pixels), F(a.Levels), F(a.Y), a.Rows, a.Columns, a.S);

        public void LayerNorm(in LayerNorm.Args a) =>
            Kernels.LayerNorm.Reference(F(a.X), Optional(a.InputBias), F(a.Weight), F(a.Bias), F(a.Y), a.R, a.D, a.Eps);

        public void AddPositions(in AddPositions.Args a) =>
            Kernels.AddPositions.Reference(F(a.X), ((Memory)a.Table).As<ushort>(), a.Rows, a.Columns, a.D);

        public void PlaceRows(in PlaceRows.Args a) => Kernels.PlaceRows.Reference(F(a.Rows), F(a.X), a.T, a.D, a.First);

        public void Embed(in Embed.Args a) =>
            Kernels.Embed.Reference(I(a.Ids).Slice(a.First, a.T), a.Table.Format, Bytes(a.Table.Data), Scales(a.Table), a.Table.K, a.Scale, F(a.X));

        public void RmsNorm(in RmsNorm.Args a) => Kernels.RmsNorm.Reference(F(a.X), Optional(a.Weight), F(a.Y), a.R, a.D, a.Eps);

        public void QuantizeRows(in QuantizeRows.Args a) => Kernels.QuantizeRows.Reference(
            F(a.X), a.ForFormat, ((Memory)a.Q.Data).As<sbyte>(), F(a.Q.Scale!), F(a.Q.Sum!), a.T, a.K);

        public void MatVec(in MatVec.Args a) => Product(a.X, a.W, a.Y, a.T, a.First);

        public void MatVecQkv(in MatVecQkv.Args a)
        {
            Product(a.X, a.Q, a.QRows, a.T, 0);
            Product(a.X, a.K, a.KRows, a.T, 0);
            if (a.V is not null)
            {
                Product(a.X, a.V, a.VRows, a.T, 0);
            }
        }

        public void MatVecGeGlu(in MatVecGeGlu.Args a)
        {
            Product(a.X, a.Gate, a.GateRows, a.T, 0);
            Product(a.X, a.Up, a.UpRows, a.T, 0);
            BufferHandle gated = a.Y.Quantised ? a.GateRows : a.Y.Data;
            GeGlu(new(a.GateRows, a.UpRows, gated, a.T, a.Gate.N));
            if (a.Y.Quantised)
            {
                QuantizeRows(new(gated, a.Y, a.ForFormat, a.T, a.Gate.N));
            }
        }

        public void MatMul(in MatMul.Args a) => Product(a.X, a.W, a.Y, a.T, 0);

        public void Rope(in Rope.Args a) => Kernels.Rope.Reference(F(a.X).ToArray(), F(a.Angles), F(a.Y), a.T, a.H, a.W);

        public void RmsNormRope(in RmsNormRope.Args a) =>
            Kernels.RmsNormRope.Reference(F(a.X), F(a.Weight), F(a.Angles), F(a.Y), a.T, a.H, a.W, a.Eps);

        public void KvAppend(in KvAppend.Args a)
        {
            KvRows cache = a.Cache;
            if (cache.Keys is { } keys)
            {
                Kernels.KvAppend.Reference(Stored(F(a.Key!)[(a.First * a.K * a.W)..], cache.Format), I(a.Positions)[a.First..], F(keys), a.T, a.K, a.W, cache.R);
            }

            Kernels.KvAppend.Reference(Stored(F(a.Value)[(a.First * a.K * a.W)..], cache.Format), I(a.Positions)[a.First..], F(cache.Values), a.T, a.K, a.W, cache.R);
        }

        public void RmsNormRopeAppend(in RmsNormRopeAppend.Args a)
        {
            (int q, int kv, int T) = (a.First * a.H * a.W, a.First * a.K * a.W, a.T * a.K);
            Span<float> angles = F(a.Angles)[(a.First * a.W)..];
            Kernels.RmsNorm.Reference(F(a.Raw)[kv..], default, F(a.Value)[kv..], T, a.W, a.Eps);
            Kernels.RmsNormRope.Reference(F(a.Q)[q..], F(a.QWeight), angles, F(a.Q)[q..], a.T, a.H, a.W, a.Eps);
            if (a.Cache.Keys is not null)
            {
                Kernels.RmsNormRope.Reference(F(a.Key)[kv..], F(a.KWeight), angles, F(a.Key)[kv..], a.T, a.K, a.W, a.Eps);
            }

            KvAppend(new(a.Cache.Keys is null ? null : a.Key, a.Value, a.Cache, a.Positions, a.T, a.K, a.W, a.First));
        }

        public void AttentionDecodeQuantize(in AttentionDecodeQuantize.Args args)
        {
            Kernels.AttentionDecode.Args a = args.Attention;
            AttentionDecode(a);
            int first = a.First * a.H * a.W;
            Kernels.QuantizeRows.Reference(
                F(a.Out)[first..], args.ForFormat, ((Memory)args.Rows.Data).As<sbyte>()[first..], F(args.Rows.Scale!)[(first / 32)..],
                F(args.Rows.Sum!)[(first / 32)..], a.T, a.H * a.W);
        }

        public void AttentionDecode(in AttentionDecode.Args a) => Kernels.AttentionDecode.Reference(
            F(a.Q)[(a.First * a.H * a.W)..], Keys(a.Cache, a.K, a.W), F(a.Cache.Values), I(a.Positions)[a.First..], I(a.Reach)[a.First..],
            F(a.Out)[(a.First * a.H * a.W)..], a.T, a.H, a.K, a.W, a.Cache.R, a.Window);

        public void AttentionPrefill(in AttentionPrefill.Args a) => Kernels.AttentionPrefill.Reference(
            F(a.Q), Keys(a.Cache, a.K, a.W), F(a.Cache.Values), I(a.Positions), I(a.Reach), F(a.Out), a.T, a.H, a.K, a.W, a.Cache.R, a.Window);

        public void AddRmsNorm(in AddRmsNorm.Args a) =>
            Kernels.AddRmsNorm.Reference(F(a.X), F(a.Y), F(a.PostWeight), a.Scale, F(a.NextWeight), F(a.A), a.T, a.D, a.Eps);

        public void AddRmsNormQuantize(in AddRmsNormQuantize.Args a)
        {
            AddRmsNorm(a.Norm);
            QuantizeRows(new(a.Norm.A, a.Rows, a.ForFormat, a.Norm.T, a.Norm.D));
        }

        public void GeGlu(in GeGlu.Args a) => Kernels.GeGlu.Reference(F(a.Gate), F(a.Up), F(a.Y)[..(a.T * a.F)]);

        public void SoftCap(in SoftCap.Args a) => Kernels.SoftCap.Reference(F(a.X), F(a.Y)[..a.Count], a.Cap);

        public void Sample(in Sample.Args a)
        {
            for (int t = a.First; t < a.First + a.T; t++)
            {
                I(a.Ids)[t + a.Ahead] = Kernels.Sample.Reference(
                    F(a.Logits).Slice(t * a.V, a.V), I(a.Suppress)[..a.SuppressCount], a.Choice, I(a.Positions)[t],
                    a.Allowed is { } allowed ? I(allowed).Slice(t * Kernels.Sample.Words(a.V), Kernels.Sample.Words(a.V)) : default);
            }
        }

        private static void Product(Activations x, WeightMatrix w, BufferHandle y, int T, int first)
        {
            if (x.Quantised)
            {
                Kernels.MatVec.ReferenceQuantised(
                    ((Memory)x.Data).As<sbyte>()[(first * w.K)..], F(x.Scale!)[(first * w.K / 32)..], w.Format, Bytes(w.Data), Scales(w), F(y), T, w.N, w.K);
            }
            else
            {
                Kernels.MatVec.Reference(F(x.Data)[(first * w.K)..], w.Format, Bytes(w.Data), Scales(w), F(y), T, w.N, w.K);
            }
        }

        private static Span<float> Keys(in KvRows cache, int K, int W)
        {
            if (cache.Keys is not null)
            {
                return F(cache.Keys);
            }

            KeysFromValues from = cache.FromValues!;
            Span<float> values = F(cache.Values);
            float[] keys = new float[values.Length];
            for (int row = 0; row < K * cache.R; row++)
            {
                KeysFromValues.Reference(
                    values.Slice(row * W, W), F(from.Norm), F(from.Coarse), F(from.Fine), row % cache.R, from.Pairs, keys.AsSpan(row * W, W));
            }

            return keys;
        }

        private static Span<float> Stored(Span<float> values, DType format)
        {
            float[] stored = values.ToArray();
            if (format == DType.Q8)
            {
                sbyte[] q = new sbyte[stored.Length];
                ushort[] scales = new ushort[stored.Length / QuantBlocks.GroupSize];
                Kernels.KvAppend.Quantise(values, q, scales);
                for (int i = 0; i < stored.Length; i++)
                {
                    stored[i] = q[i] * BFloat16.ToSingle(scales[i / QuantBlocks.GroupSize]);
                }
            }

            for (int i = 0; format == DType.F16 && i < stored.Length; i++)
            {
                stored[i] = (float)(Half)stored[i];
            }

            return stored;
        }

        private static Span<float> F(BufferHandle buffer) => ((Memory)buffer).As<float>();

        private static Span<float> Optional(BufferHandle? buffer) => buffer is null ? default : F(buffer);

        private static Span<int> I(BufferHandle buffer) => ((Memory)buffer).As<int>();

        private static Span<byte> Bytes(BufferHandle buffer) => ((Memory)buffer).Data;

        private static Span<ushort> Scales(WeightMatrix w) => w.Scale is null ? default : ((Memory)w.Scale).As<ushort>();
    }
}
