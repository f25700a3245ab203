using System;
using System.Runtime.InteropServices;

namespace GemmaVk.Cpu.MachineCode;

/// <summary>Pages that hold machine code: written first, then made executable, never both at once. They stay until the process ends.</summary>
internal static unsafe partial class ExecutableMemory
{
    // POSIX sys/mman.h; MAP_ANONYMOUS differs between the systems.
    private const int Read = 1, Write = 2, Execute = 4, Private = 2;
    private const int AnonymousLinux = 0x20, AnonymousMac = 0x1000;

    // Windows memoryapi.h.
    private const uint Commit = 0x3000, PageReadWrite = 4, PageExecuteRead = 0x20;

    /// <summary>Where the code lies, or null and what the system said.</summary>
    public static byte* Hold(ReadOnlySpan<byte> code, out string? refusal)
    {
        refusal = null;
        nuint length = (nuint)code.Length;
        if (OperatingSystem.IsWindows())
        {
            byte* pages = VirtualAlloc(null, length, Commit, PageReadWrite);
            if (pages is null)
            {
                refusal = $"VirtualAlloc failed with error {Marshal.GetLastPInvokeError()}";
                return null;
            }

            code.CopyTo(new Span<byte>(pages, code.Length));
            if (VirtualProtect(pages, length, PageExecuteRead, out _))
            {
                return pages;
            }

            refusal = $"the system does not allow executable pages: VirtualProtect failed with error {Marshal.GetLastPInvokeError()}";
            return null;
        }

        byte* place = MMap(null, length, Read | Write, Private | (OperatingSystem.IsLinux() ? AnonymousLinux : AnonymousMac), -1, 0);
        if (place == (byte*)-1)
        {
            refusal = $"mmap failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}";
            return null;
        }

        code.CopyTo(new Span<byte>(place, code.Length));
        if (MProtect(place, length, Read | Execute) == 0)
        {
            return place;
        }

        refusal = $"the system does not allow executable pages: mprotect failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}";
        _ = MUnmap(place, length);
        return null;
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial byte* MMap(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int MProtect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int MUnmap(void* address, nuint length);

    [LibraryImport("kernel32", EntryPoint = "VirtualAlloc", SetLastError = true)]
    private static partial byte* VirtualAlloc(void* address, nuint length, uint type, uint protection);

    [LibraryImport("kernel32", EntryPoint = "VirtualProtect", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool VirtualProtect(void* address, nuint length, uint protection, out uint before);
}
