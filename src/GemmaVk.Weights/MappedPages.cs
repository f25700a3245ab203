using System;
using System.Runtime.InteropServices;
using System.Threading;
using GemmaVk.Tensors;

namespace GemmaVk.Weights;

/// <summary>
/// What the system is told about the pages of a mapped file. Where a system takes no advice (not Linux, or a kernel older
/// than 5.14), pages are touched one by one instead, and stay while there is room.
/// </summary>
internal static unsafe partial class MappedPages
{
    // Linux, asm-generic/mman-common.h.
    private const int WillNeed = 3;
    private const int DontNeed = 4;
    private const int HugePage = 14;
    private const int PopulateRead = 22;
    private const int BadAddress = 14;

    private const nint LargePieceBytes = 2 << 20;

    /// <summary>Reads pages ahead and maps them at once: a fault per page costs more than the page's copy from the cache.</summary>
    /// <exception cref="GemmaVkException">The bytes are not there: the file is shorter than when it was opened, or its disk fails.</exception>
    public static void Prefetch(string path, nint address, long length)
    {
        if (length == 0)
        {
            return;
        }

        (nint first, nuint bytes) = Whole(address, length);
        if (OperatingSystem.IsLinux())
        {
            _ = Advise(first, bytes, WillNeed);
            if (TryPopulate(path, address, length))
            {
                return;
            }
        }

        for (nuint at = 0; at < bytes; at += (nuint)Environment.SystemPageSize)
        {
            Volatile.Read(ref *((byte*)first + at));
        }
    }

    private static (nint First, nuint Bytes) Whole(nint address, long length)
    {
        nint first = address & ~(nint)(Environment.SystemPageSize - 1);
        return (first, (nuint)(address + (nint)length - first));
    }

    /// <summary>False where the kernel does not know how.</summary>
    private static bool TryPopulate(string path, nint address, long length)
    {
        (nint first, nuint bytes) = Whole(address, length);
        if (Advise(first, bytes, PopulateRead) == 0)
        {
            return true;
        }

        ThrowIfGone(path, Marshal.GetLastPInvokeError());
        return false;
    }

    private static void ThrowIfGone(string path, int error)
    {
        if (error == BadAddress)
        {
            throw new GemmaVkException($"{path} must stay as it was when it was opened, but some of its bytes cannot be read any more: it was cut off, or its disk fails. Download it again.");
        }
    }

    /// <summary>
    /// The same for bytes that stay in use: in pieces of 2 MiB, where the file system reads and keeps such. Products read those without a
    /// translation of an address per 4 KiB. What the file cache already holds in small pages stays so.
    /// </summary>
    /// <param name="path">For messages.</param>
    /// <param name="address">The first byte.</param>
    /// <param name="length">How many.</param>
    /// <param name="start">Where the mapping begins.</param>
    /// <param name="end">Where it ends.</param>
    /// <exception cref="GemmaVkException">As for <see cref="Prefetch"/>.</exception>
    public static void Hold(string path, nint address, long length, nint start, nint end)
    {
        // What lies between two tensors shares a piece with them, and a piece that is advised in part only is not mapped as one.
        nint first = Math.Max(address & -LargePieceBytes, start), last = Math.Min((address + (nint)length + LargePieceBytes - 1) & -LargePieceBytes, end);
        // Without reading ahead, which brings small pages.
        if (!OperatingSystem.IsLinux() || Advise(first, (nuint)(last - first), HugePage) != 0 || !TryPopulate(path, address, length))
        {
            Prefetch(path, address, length);
        }
    }

    /// <summary>Takes whole pages out of this process; the system's file cache may keep them.</summary>
    public static void Release(nint address, long length)
    {
        nint mask = Environment.SystemPageSize - 1;
        nint first = (address + mask) & ~mask;
        nint end = (address + (nint)length) & ~mask;
        if (OperatingSystem.IsLinux() && end > first)
        {
            _ = Advise(first, (nuint)(end - first), DontNeed);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    private static partial int Advise(nint address, nuint length, int advice);
}
