using System;
using GemmaVk.Ilgpu.Formats;
using GemmaVk.Ilgpu.Lanes;
using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using ILGPU;

namespace GemmaVk.Ilgpu.Kernels;

// Letters: T rows in this pass, N outputs, K inputs.

/// <summary>Host side of <see cref="MatVec"/> and <see cref="MatMul"/>, which are one product and differ in how many rows they may have.</summary>
internal sealed class Products(KernelLoader loader, string name)
{
    private readonly WeightKernels<Call> _floats = new(name, loader.Rows)
    {
        Nibbles = MatVecIlgpu.Floats<NibbleWeights<BrainScales>, OneLane>,
        Bytes = MatVecIlgpu.Floats<ByteWeights<BrainScales>, OneLane>,
        HalfNibbles = MatVecIlgpu.Floats<NibbleWeights<HalfScales>, OneLane>,
        HalfBytes = MatVecIlgpu.Floats<ByteWeights<HalfScales>, OneLane>,
        FourBitBlocks = MatVecIlgpu.Floats<KWeights<FourBits>, OneLane>,
        FiveBitBlocks = MatVecIlgpu.Floats<KWeights<FiveBits>, OneLane>,
        SixBitBlocks = MatVecIlgpu.Floats<KWeights<SixBits>, OneLane>,
        Float8s = MatVecIlgpu.Floats<Float8Weights, OneLane>,
        BFloat16s = MatVecIlgpu.Floats<BFloat16Weights, OneLane>,
        Floats = MatVecIlgpu.Floats<FloatWeights, OneLane>,
    };

    private readonly WeightKernels<Call> _steps = new(name, loader.Rows)
    {
        Nibbles = MatVecIlgpu.Steps<NibbleWeights<BrainScales>, OneLane>,
        Bytes = MatVecIlgpu.Steps<ByteWeights<BrainScales>, OneLane>,
        HalfNibbles = MatVecIlgpu.Steps<NibbleWeights<HalfScales>, OneLane>,
        HalfBytes = MatVecIlgpu.Steps<ByteWeights<HalfScales>, OneLane>,
        FourBitBlocks = MatVecIlgpu.Steps<KWeights<FourBits>, OneLane>,
        FiveBitBlocks = MatVecIlgpu.Steps<KWeights<FiveBits>, OneLane>,
        SixBitBlocks = MatVecIlgpu.Steps<KWeights<SixBits>, OneLane>,
    };

    /// <summary>Checks the arguments and picks the kernel for weights and activations.</summary>
    public void Record(LaunchList launches, in Activations x, WeightMatrix w, BufferHandle y, int T, int first)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(T);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        long count = (long)(first + T) * w.K;
        int blocks = (T + MatVec.MaxRows - 1) / MatVec.MaxRows;
        Call call = new()
        {
            X = IlgpuBuffer.Of<Eight>(x.Data, x.Quantised ? DType.I8 : DType.F32, count),
            Q = IlgpuBuffer.Of<uint>(x.Data, x.Quantised ? DType.I8 : DType.F32, count),
            Unit = x.Quantised ? IlgpuBuffer.Of<float>(x.Scale!, DType.F32, count / QuantBlocks.GroupSize) : IlgpuBuffer.Of<float>(y, DType.F32, 0),
            W = Matrix.Of(w),
            Y = IlgpuBuffer.Of<float>(y, DType.F32, (long)T * w.N),
            T = T,
            First = first,
            Blocks = blocks,
            Units = (long)w.N * blocks,
        };
        (x.Quantised ? _steps : _floats).Of(w).Add(launches, call.Units, call);
    }

    internal struct Call
    {
        public ArrayView<Eight> X;
        public ArrayView<uint> Q;
        public ArrayView<float> Unit;
        public Matrix W;
        public ArrayView<float> Y;
        public int T;
        public int First;
        public int Blocks;
        public long Units;
    }
}
