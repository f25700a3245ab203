using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using GemmaVk.Cpu.Kernels;
using GemmaVk.Cpu.MachineCode;
using GemmaVk.Cpu.Simd;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Cpu;

/// <summary>What the processor is, and what was chosen for it: vector width and threads.</summary>
internal sealed record CpuDescription(InstructionSet Instructions, ProductCode? Code, int Threads, DeviceDescription Device, IReadOnlyList<KernelVariant> Variants)
{
    private const string ThreadsVariable = "GEMMAVK_THREADS";

    /// <summary>The widest variant that this process can run.</summary>
    public static InstructionSet Best =>
        Lanes512.IsSupported ? InstructionSet.Avx512 : Lanes256.IsSupported ? InstructionSet.Avx2 : InstructionSet.Vector128;

    /// <summary>Checks the options and asks the machine for the rest.</summary>
    public static CpuDescription Choose(CpuOptions options)
    {
        InstructionSet best = Best;
        InstructionSet instructions = options.Instructions ?? best;
        if (instructions > best)
        {
            throw new GemmaVkException(
                $"instruction set {instructions} was asked for, but this processor (or the runtime's settings) offers at most {best}; leave the option out to use {best}");
        }

        ProductCode? code = CodeOf(options, instructions, out string[] notes);
        string reasons = string.Join("; ", notes);
        CpuCores usable = CpuCores.Read();
        int cores = usable.Count;
        int threads = ThreadsOf(options, cores);
        List<string> details =
        [
            $"vectors: {Describe(instructions)}{(instructions == best ? string.Empty : $" (asked for; {Describe(best)} is possible)")}",
            $"instruction sets: {string.Join(", ", Sets())}",
            $"threads: {threads} of {cores} physical cores ({Environment.ProcessorCount} logical){(usable.Notes.Length == 0 ? "" : $", {usable.Notes}")}",
            $"machine code of its own: {(code is null ? $"none: {reasons}" : $"products of INT8 rows{(code.Attention is null ? string.Empty : $" and attention over INT8 caches, and over FP16 ones from {AttentionDecodeCpu.WordsFrom} positions on")}, {code.Name}{(notes.Length > 0 ? $" ({reasons})" : string.Empty)}")}",
            $"machine code that does not run here: {string.Join(", ", ProductCode.Lacking)}",
        ];
        DeviceDescription device = new(
            "cpu", ProcessorName(), Describe(instructions), options.MemoryBytes ?? options.Machine().TotalBytes, details);
        return new CpuDescription(instructions, code, threads, device, [.. Kernels(instructions, instructions == best, code, reasons)]);
    }

    /// <summary>What a plan needs, without starting threads: name, memory, scratch.</summary>
    /// <exception cref="GemmaVkException">A variable of the environment asks for what this machine does not have, which would be refused when the plan is run.</exception>
    public static DeviceMemory Memory(CpuOptions options)
    {
        CodeOf(options, options.Instructions ?? Best, out _);
        int threads = ThreadsOf(options, CpuCores.Read().Count);
        return Memory(options, ProcessorName(), threads);
    }

    /// <summary>The same where name and threads are known.</summary>
    public static DeviceMemory Memory(CpuOptions options, string name, int threads)
    {
        MachineMemory machine = options.MemoryBytes is { } given ? new MachineMemory(given, given, "--device-memory") : options.Machine();
        return new DeviceMemory
        {
            Name = name,
            TotalBytes = machine.TotalBytes,
            AvailableBytes = machine.AvailableBytes,
            Source = machine.Source,
            ReadsMappedFiles = true,
            TakesOutlines = true,
            IsHostMemory = true,
            MeasuringBytes = ReadBandwidth.Bytes,
            ScratchBytes = shapes => CpuScratch.Bytes(shapes, threads),
        };
    }

    private static ProductCode? CodeOf(CpuOptions options, InstructionSet instructions, out string[] notes)
    {
        string? word = options.MachineCode is { } on ? on ? "on" : "off" : Environment.GetEnvironmentVariable(ProductCode.Variable);
        bool wider = !RuntimeFeature.IsDynamicCodeSupported && instructions == Best;
        return ProductCode.Choose(instructions, word, options.CodeSource, out notes, wider);
    }

    private static int ThreadsOf(CpuOptions options, int cores) => Math.Min(cores, AskedThreads(options) ?? cores);

    private static int? AskedThreads(CpuOptions options)
    {
        if (options.Threads is int asked)
        {
            return asked >= 1
                ? asked
                : throw new GemmaVkException($"threads: expected 1 or more, but {asked} came; leave the option out to use every core");
        }

        string? text = Environment.GetEnvironmentVariable(ThreadsVariable);
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= 1
            ? value
            : throw new GemmaVkException($"{ThreadsVariable}: expected a whole number of 1 or more, but it is '{text}'; unset it to use every core") { Variable = ThreadsVariable };
    }

    private static IEnumerable<KernelVariant> Kernels(InstructionSet instructions, bool best, ProductCode? code, string noCode)
    {
        string width = Describe(instructions);
        // What is compiled ahead of time has the vectors that it was compiled for, whatever else the processor has.
        string offer = RuntimeFeature.IsDynamicCodeSupported ? "the widest that processor and runtime offer" : "the widest that this file was compiled for";
        string reason = best ? offer : "asked for";
        string pairs = "byte pairs by multiply-add in 16 bits";
        string dot = instructions switch
        {
            InstructionSet.Vector128 when Ssse3.IsSupported => pairs,
            InstructionSet.Vector128 => Dp.IsSupported ? "NEON dot product" : "no dot instruction: widened products",
            InstructionSet.Avx2 => AvxVnni.IsSupported ? "AVX-VNNI" : pairs,
            _ => AvxVnni.IsSupported ? $"nibbles {pairs}, bytes AVX-VNNI" : pairs,
        };
        dot = code is null ? $"{dot}; no machine code: {noCode}" : $"{code.Name}, in machine code of its own{(code.HasBlocks ? string.Empty : $"; Q4K, Q5K and Q6K {dot}")}";
        string caches = code?.Attention is not null
            ? $"whole numbers where 16 query heads share a KV head, {code.Name} in machine code of its own"
            : $"floats; {(code is null ? $"no machine code: {noCode}" : "machine code for it takes AVX512-VNNI and vectors of 512 bits")}";
        foreach (string kernel in typeof(IPass).GetMethods().Select(method => method.Name))
        {
            yield return new KernelVariant(kernel, width, kernel switch
            {
                "MatVec" or "MatMul" or "MatVecQkv" or "MatVecGeGlu" => $"{reason}; INT8: {dot}",
                "AttentionDecode" or "AttentionDecodeQuantize" => $"{reason}; INT8 caches, and FP16 ones from {AttentionDecodeCpu.WordsFrom} positions on: {caches}",
                _ => reason,
            });
        }
    }

    private static string Describe(InstructionSet instructions) => instructions switch
    {
        InstructionSet.Avx512 => "AVX-512",
        InstructionSet.Avx2 => "AVX2",
        _ => AdvSimd.IsSupported ? "NEON" : "128-bit",
    };

    private static IEnumerable<string> Sets()
    {
        (string Name, bool On)[] sets =
        [
            ("SSSE3", Ssse3.IsSupported), ("AVX2", Avx2.IsSupported), ("FMA", Fma.IsSupported), ("AVX-512F", Avx512F.IsSupported),
            ("AVX-512BW", Avx512BW.IsSupported), ("AVX-512DQ", Avx512DQ.IsSupported), ("AVX-512VL", Avx512F.VL.IsSupported),
            ("AVX-VNNI", AvxVnni.IsSupported), ("NEON", AdvSimd.IsSupported), ("NEON-DP", Dp.IsSupported),
        ];
        string[] on = [.. sets.Where(set => set.On).Select(set => set.Name)];
        return on.Length > 0 ? on : [Vector128.IsHardwareAccelerated ? "128-bit baseline" : "none"];
    }

    private static string ProcessorName()
    {
        const string list = "/proc/cpuinfo";
        string? line = File.Exists(list) ? File.ReadLines(list).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER")
            ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
