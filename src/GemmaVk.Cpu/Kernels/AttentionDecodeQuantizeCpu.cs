using GemmaVk.Cpu.MachineCode.Attention;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;

namespace GemmaVk.Cpu.Kernels;

/// <summary>SIMD twin of <see cref="AttentionDecodeQuantize"/>: its two parts.</summary>
internal static class AttentionDecodeQuantizeCpu
{
    public static void Run<L, TF>(RowPartition pool, Scratch scratch, in AttentionDecodeQuantize.Args args, AttentionCode? code)
        where L : struct, ILanes<TF>
        where TF : unmanaged
    {
        AttentionDecode.Args attention = args.Attention;
        AttentionDecodeCpu.Run<L, TF>(pool, scratch, attention, code);
        QuantizeRowsCpu.Run<L, TF>(pool, new(attention.Out, args.Rows, args.ForFormat, attention.T, attention.H * attention.W), attention.First);
    }
}
