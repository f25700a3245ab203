using System.Runtime.CompilerServices;
using GemmaVk.Ilgpu.Formats;
using GemmaVk.Ilgpu.Lanes;
using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using ILGPU;

namespace GemmaVk.Ilgpu.Kernels;

// Letters: T tokens in this pass, D hidden size.

/// <summary>ILGPU twin of <see cref="Embed"/>: an element is a thread's. Ids outside the table leave their rows alone.</summary>
internal sealed class EmbedIlgpu(KernelLoader loader)
{
    private readonly WeightKernels<Call> _kernels = new(nameof(Embed), loader.Elements)
    {
        Nibbles = Run<NibbleWeights<BrainScales>>,
        Bytes = Run<ByteWeights<BrainScales>>,
        HalfNibbles = Run<NibbleWeights<HalfScales>>,
        HalfBytes = Run<ByteWeights<HalfScales>>,
        FourBitBlocks = Run<KWeights<FourBits>>,
        FiveBitBlocks = Run<KWeights<FiveBits>>,
        SixBitBlocks = Run<KWeights<SixBits>>,
        Float8s = Run<Float8Weights>,
        BFloat16s = Run<BFloat16Weights>,
        Floats = Run<FloatWeights>,
    };

    public void Record(LaunchList launches, in Embed.Args args)
    {
        long count = (long)args.T * args.Table.K;
        _kernels.Of(args.Table).Add(launches, count, new Call
        {
            Ids = IlgpuBuffer.Of<int>(args.Ids, DType.I32, args.T, args.First),
            Table = Matrix.Of(args.Table),
            X = IlgpuBuffer.Of<float>(args.X, DType.F32, count),
            Scale = args.Scale,
            Count = count,
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TWeights>(Call call)
        where TWeights : struct, IWeights
    {
        int D = call.Table.K;
        Share share = new(call.Count);
        for (long i = share.First; i < share.To; i += share.Step)
        {
            int id = call.Ids[i / D];
            if (id >= 0 && id < call.Table.N)
            {
                call.X[i] = TWeights.Value(call.Table, id, (int)(i % D)) * call.Scale;
            }
        }
    }

    internal struct Call
    {
        public ArrayView<int> Ids;
        public Matrix Table;
        public ArrayView<float> X;
        public float Scale;
        public long Count;
    }
}
