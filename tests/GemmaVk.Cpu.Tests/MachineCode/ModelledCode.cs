using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using GemmaVk.Cpu.MachineCode;
using GemmaVk.Cpu.MachineCode.Arm;

namespace GemmaVk.Cpu.Tests.MachineCode;

/// <summary>Microkernels of a path whose bytes a model of its processor runs. One path at a time: tests that use it are one collection.</summary>
internal static unsafe class ModelledCode
{
    private static byte* _code;
    private static int[] _starts = [];
    private static bool _arm;

    /// <summary>Sees the arguments of every call of a kernel of two weight rows before it runs.</summary>
    public static Action<DotArguments>? Calling { get; set; }

    /// <summary>Receives the cache lines that kernels ask for.</summary>
    public static HashSet<nint>? Asked { get; set; }

    /// <summary>A backend whose products run so.</summary>
    public static CpuBackend Backend(CodePath path, InstructionSet width)
    {
        ProductCode code = Of(path);
        return new CpuBackend(new CpuOptions(Threads: 1, Instructions: width, MachineCode: true) { CodeSource = asked => asked == path ? (code, null) : (null, "not modelled") });
    }

    /// <summary>The path's code, as it would be written on a machine that has its instructions.</summary>
    private static ProductCode Of(CodePath path)
    {
        _arm = path is CodePath.DotProd or CodePath.I8mm;
        byte[] bytes;
        if (_arm)
        {
            ArmAssembler code = new();
            _starts = ProductCode.Write(path, code);
            bytes = code.ToArray();
        }
        else
        {
            Assembler code = new();
            _starts = ProductCode.Write(path, code, windows: false);
            bytes = code.ToArray();
        }

        NativeMemory.AlignedFree(_code);
        _code = (byte*)NativeMemory.AlignedAlloc((nuint)bytes.Length, 64);
        bytes.CopyTo(new Span<byte>(_code, bytes.Length));
        Microkernel[] kernels = [.. new nint[] { Address(&Run0), Address(&Run1), Address(&Run2), Address(&Run3), Address(&Run4), Address(&Run5), Address(&Run6), Address(&Run7) }.Select(address => new Microkernel(address, IsManaged: true))];
        return new ProductCode(path, kernels, kernels[_starts.Length - 1]);
    }

    private static nint Address(delegate* unmanaged<void*, void> function) => (nint)function;

    [UnmanagedCallersOnly]
    private static void Run0(void* arguments) => Run(0, arguments);

    [UnmanagedCallersOnly]
    private static void Run1(void* arguments) => Run(1, arguments);

    [UnmanagedCallersOnly]
    private static void Run2(void* arguments) => Run(2, arguments);

    [UnmanagedCallersOnly]
    private static void Run3(void* arguments) => Run(3, arguments);

    [UnmanagedCallersOnly]
    private static void Run4(void* arguments) => Run(4, arguments);

    [UnmanagedCallersOnly]
    private static void Run5(void* arguments) => Run(5, arguments);

    [UnmanagedCallersOnly]
    private static void Run6(void* arguments) => Run(6, arguments);

    [UnmanagedCallersOnly]
    private static void Run7(void* arguments) => Run(7, arguments);

    private static void Run(int kernel, void* arguments)
    {
        Calling?.Invoke(*(DotArguments*)arguments);
        if (_arm)
        {
            new ArmModel { Asked = Asked }.Run(_code + _starts[kernel], arguments);
        }
        else
        {
            new X86Model { Asked = Asked }.Run(_code + _starts[kernel], arguments);
        }
    }
}
