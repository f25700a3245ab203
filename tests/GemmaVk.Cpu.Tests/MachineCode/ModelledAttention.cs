using System;
using System.Runtime.InteropServices;
using GemmaVk.Cpu.MachineCode;
using GemmaVk.Cpu.MachineCode.Attention;

namespace GemmaVk.Cpu.Tests.MachineCode;

/// <summary>The bytes of the functions of attention, run by <see cref="X86Model"/>.</summary>
internal static unsafe class ModelledAttention
{
    private static readonly nint[] _places = Written();

    /// <summary>As the kernels take them.</summary>
    public static AttentionCode Code { get; } = new(
        new Microkernel((nint)(delegate* unmanaged<void*, void>)&Scores, IsManaged: true),
        new Microkernel((nint)(delegate* unmanaged<void*, void>)&Values, IsManaged: true),
        new Microkernel((nint)(delegate* unmanaged<void*, void>)&WordScores, IsManaged: true),
        new Microkernel((nint)(delegate* unmanaged<void*, void>)&WordValues, IsManaged: true));

    private static nint[] Written()
    {
        Assembler code = new();
        int[] starts = AttentionCode.Write(code, windows: false);
        byte[] bytes = code.ToArray();
        byte* place = (byte*)NativeMemory.AlignedAlloc((nuint)bytes.Length, 64);
        bytes.CopyTo(new Span<byte>(place, bytes.Length));
        return Array.ConvertAll(starts, start => (nint)place + start);
    }

    [UnmanagedCallersOnly]
    private static void Scores(void* arguments) => new X86Model().Run((byte*)_places[0], arguments);

    [UnmanagedCallersOnly]
    private static void Values(void* arguments) => new X86Model().Run((byte*)_places[1], arguments);

    [UnmanagedCallersOnly]
    private static void WordScores(void* arguments) => new X86Model().Run((byte*)_places[2], arguments);

    [UnmanagedCallersOnly]
    private static void WordValues(void* arguments) => new X86Model().Run((byte*)_places[3], arguments);
}
