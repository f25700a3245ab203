using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using GemmaVk.Cpu.Kernels;
using GemmaVk.Cpu.MachineCode;
using GemmaVk.Cpu.Parallel;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;

namespace GemmaVk.Cpu;

/// <summary>
/// Runs each kernel as it is called. Which vector width, is decided once, by the type arguments, and in which machine code products and attention run, by an argument: no kernel asks again.
/// </summary>
internal sealed class CpuPass<L, TF, TB>(RowPartition pool, Scratch scratch, ConcurrentDictionary<string, TimeSpan>? times, ProductCode? code) : IPass
    where L : struct, IDotLanes<TF, TB>
    where TF : unmanaged
    where TB : unmanaged
{
    /// <inheritdoc/>
    public void CutPatches(in CutPatches.Args args)
    {
        long start = Start();
        CutPatchesCpu.Run(pool, args);
        Stop(start);
    }

    /// <inheritdoc/>
    public void LayerNorm(in LayerNorm.Args args)
    {
        long start = Start();
        LayerNormCpu.Run<L, TF>(pool, args);
        Stop(start);
    }

    /// <inheritdoc/>
    public void AddPositions(in AddPositions.Args args)
    {
        long start = Start();
        AddPositionsCpu.Run<L, TF>(pool, args);
        Stop(start);
    }

    /// <inheritdoc/>
    public void PlaceRows(in PlaceRows.Args args)
    {
        long start = Start();
        PlaceRowsCpu.Run(pool, args);
        Stop(start);
    }

    /// <inheritdoc/>
    public void Embed(in Embed.Args args)
    {
        long start = Start();
        EmbedCpu.Run<L, TF>(pool, args);
        Stop(start);
    }

    /// <inheritdoc/>
    public void RmsNorm(in RmsNorm.Args args)
    {
        long start = Start();
        RmsNormCpu.Run<L, TF>(pool, args);
        Stop(start);
    }

    /// <inheritdoc/>
    public void QuantizeRows(in QuantizeRows.Args args)
    {
        long start = Start();
        QuantizeRowsCpu.Run<L, TF>(pool, args);
        Stop(start);
    }

    /// <inheritdoc/>
    public void MatVec(in MatVec.Args args)
    {
        long start = Start();
        MatVecCpu.Run<L, TF, TB>(pool, scratch, args, code);
        Stop(start);
    }

    /// <inheritdoc/>
    public void MatVecQkv(in MatVecQkv.Args args)
    {
        long start = Start();
        MatVecQkvCpu.Run<L, TF, TB>(pool, scratch, args, code);
        Stop(start);
    }

    /// <inheritdoc/>
    public void MatVecGeGlu(in MatVecGeGlu.Args args)
    {
        long start = Start();
        MatVecGeGluCpu.Run<L, TF, TB>(pool, scratch, args, code);
        Stop(start);
    }

    /// <inheritdoc/>
    public void MatMul(in MatMul.Args args)
    {
        long start = Start();
        MatMulCpu.Run<L, TF, TB>(pool, scratch, args, code);
        Stop(start);
    }

    /// <inheritdoc/>
    public void Rope(in Rope.Args args)
    {
        long start = Start();
        RopeCpu.Run<L, TF>(pool, args);
        Stop(start);
    }

    /// <inheritdoc/>
    public void RmsNormRope(in RmsNormRope.Args args)
    {
        long start = Start();
        RmsNormRopeCpu.Run<L, TF>(pool, args);
        Stop(start);
    }

    /// <inheritdoc/>
    public void KvAppend(in KvAppend.Args args)
    {
        long start = Start();
        KvAppendCpu.Run<L, TF>(pool, args);
        Stop(start);
    }

    /// <inheritdoc/>
    public void RmsNormRopeAppend(in RmsNormRopeAppend.Args args)
    {
        long start = Start();
        RmsNormRopeAppendCpu.Run<L, TF>(pool, args);
        Stop(start);
    }

    /// <inheritdoc/>
    public void AttentionDecode(in AttentionDecode.Args args)
    {
        long start = Start();
        AttentionDecodeCpu.Run<L, TF>(pool, scratch, args, code?.Attention);
        Stop(start);
    }

    /// <inheritdoc/>
    public void AttentionDecodeQuantize(in AttentionDecodeQuantize.Args args)
    {
        long start = Start();
        AttentionDecodeQuantizeCpu.Run<L, TF>(pool, scratch, args, code?.Attention);
        Stop(start);
    }

    /// <inheritdoc/>
    public void AttentionPrefill(in AttentionPrefill.Args args)
    {
        long start = Start();
        AttentionPrefillCpu.Run<L, TF>(pool, scratch, args);
        Stop(start);
    }

    /// <inheritdoc/>
    public void AddRmsNorm(in AddRmsNorm.Args args)
    {
        long start = Start();
        AddRmsNormCpu.Run<L, TF>(pool, args);
        Stop(start);
    }

    /// <inheritdoc/>
    public void AddRmsNormQuantize(in AddRmsNormQuantize.Args args)
    {
        long start = Start();
        AddRmsNormQuantizeCpu.Run<L, TF>(pool, args);
        Stop(start);
    }

    /// <inheritdoc/>
    public void GeGlu(in GeGlu.Args args)
    {
        long start = Start();
        GeGluCpu.Run<L, TF>(pool, args);
        Stop(start);
    }

    /// <inheritdoc/>
    public void SoftCap(in SoftCap.Args args)
    {
        long start = Start();
        SoftCapCpu.Run<L, TF>(pool, args);
        Stop(start);
    }

    /// <inheritdoc/>
    public void Sample(in Sample.Args args)
    {
        long start = Start();
        SampleCpu.Run<L, TF>(pool, scratch, args);
        Stop(start);
    }

    private long Start() => times == null ? 0 : Stopwatch.GetTimestamp();

    private void Stop(long start, [CallerMemberName] string kernel = "")
    {
        if (times != null)
        {
            times[kernel] = times.GetValueOrDefault(kernel) + Stopwatch.GetElapsedTime(start);
        }
    }
}
