using System;
using System.Runtime.InteropServices;

namespace GemmaVk.Cpu;

/// <summary>
/// Memory for large buffers in pages of 2 MiB where the system gives them for the asking: filling a gigabyte takes less than half the time,
/// and reading it needs a five-hundredth of the address translations.
/// </summary>
internal static unsafe partial class HugePages
{
    /// <summary>Smaller buffers would waste a page's rest.</summary>
    public const long LeastBytes = 16 << 20;

    private const nuint PageBytes = 2 << 20;

    // Linux, asm-generic/mman-common.h.
    private const int HugePage = 14;

    /// <summary>To be given back with <see cref="NativeMemory.AlignedFree"/>.</summary>
    public static byte* Allocate(nuint bytes)
    {
        byte* data = (byte*)NativeMemory.AlignedAlloc(bytes, PageBytes);
        if (OperatingSystem.IsLinux())
        {
            // Advice: without it the buffer is as good, in small pages.
            _ = Advise(data, bytes, HugePage);
        }

        return data;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
