using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;

namespace GemmaVk.Cli.Measuring;

/// <summary>Most memory that this process held so far.</summary>
internal static class PeakMemory
{
    private const string Status = "/proc/self/status";

    /// <summary>Bytes; mapped weights that were read count, GPU memory does not.</summary>
    public static long Bytes()
    {
        // "VmHWM:   123456 kB"; Process does not give the peak on Linux.
        string? line = File.Exists(Status) ? File.ReadLines(Status).FirstOrDefault(each => each.StartsWith("VmHWM:", StringComparison.Ordinal)) : null;
        if (line is not null && long.TryParse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], NumberStyles.None, CultureInfo.InvariantCulture, out long kilobytes))
        {
            return kilobytes * 1024;
        }

        using Process process = Process.GetCurrentProcess();
        return Math.Max(process.PeakWorkingSet64, process.WorkingSet64);
    }
}
