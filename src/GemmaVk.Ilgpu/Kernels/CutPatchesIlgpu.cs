using GemmaVk.Ilgpu.Lanes;
using GemmaVk.Ilgpu.Launching;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using ILGPU;

namespace GemmaVk.Ilgpu.Kernels;

// Letters: S side of a patch in pixels, P values of a patch.

/// <summary>ILGPU twin of <see cref="CutPatches"/>: a value of a patch is a thread's.</summary>
internal sealed class CutPatchesIlgpu(KernelLoader loader)
{
    private readonly IlgpuKernel<Call> _kernel = loader.Elements<Call>(nameof(CutPatches), Run);

    public void Record(LaunchList launches, in CutPatches.Args args)
    {
        long count = (long)args.Patches * args.Values;
        _kernel.Add(launches, count, new Call
        {
            Pixels = IlgpuBuffer.Of<byte>(args.Pixels, DType.U8, count),
            Levels = IlgpuBuffer.Of<float>(args.Levels, DType.F32, 256),
            Y = IlgpuBuffer.Of<float>(args.Y, DType.F32, count),
            Rows = args.Rows,
            Columns = args.Columns,
            S = args.S,
        });
    }

    private static void Run(Call call)
    {
        int P = call.S * call.S * 3;
        Share share = new((long)call.Rows * call.Columns * P);
        for (long i = share.First; i < share.To; i += share.Step)
        {
            int p = (int)(i / P);
            int inside = (int)(i % P);
            int row = (p / call.Columns * call.S) + (inside / (3 * call.S));
            int column = (p % call.Columns * call.S) + (inside / 3 % call.S);
            int level = call.Pixels[(((row * call.Columns * call.S) + column) * 3) + (inside % 3)];
            call.Y[i] = call.Levels[level];
        }
    }

    internal struct Call
    {
        public ArrayView<byte> Pixels;
        public ArrayView<float> Levels;
        public ArrayView<float> Y;
        public int Rows;
        public int Columns;
        public int S;
    }
}
