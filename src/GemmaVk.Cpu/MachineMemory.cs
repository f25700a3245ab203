using System;
using System.Globalization;
using System.IO;

namespace GemmaVk.Cpu;

/// <summary>The memory that this process may use: the machine's, or less where a container's limit says so.</summary>
/// <param name="TotalBytes">The machine's memory, or the smallest limit on the way to this process.</param>
/// <param name="AvailableBytes">What of it can be taken now; pages that only repeat a file count as free.</param>
/// <param name="Source">What said so, in words.</param>
public sealed record MachineMemory(long TotalBytes, long AvailableBytes, string Source)
{
    /// <summary>Asks the system.</summary>
    public static MachineMemory Read() => (OperatingSystem.IsLinux() ? OfLinux(ReadFile) : null) ?? OfRuntime();

    /// <summary>As Linux tells it, in files that <paramref name="read"/> gives; null without a /proc/meminfo to understand.</summary>
    internal static MachineMemory? OfLinux(Func<string, string?> read)
    {
        string meminfo = read("/proc/meminfo") ?? "";
        if (Kilobytes(meminfo, "MemTotal:") is not { } total)
        {
            return null;
        }

        // Kernels before 3.14 do not say what is available.
        long available = Kilobytes(meminfo, "MemAvailable:") ?? Kilobytes(meminfo, "MemFree:") ?? total;
        MachineMemory memory = new(total, Math.Min(available, total), "physical memory");
        foreach ((long limit, long used) in Cgroups.Limits(read))
        {
            string source = limit < memory.TotalBytes ? "memory limit of the control group" : memory.Source;
            memory = new(Math.Min(memory.TotalBytes, limit), Math.Min(memory.AvailableBytes, Math.Max(0, limit - used)), source);
        }

        return memory;
    }

    private static MachineMemory OfRuntime()
    {
        GCMemoryInfo memory = GC.GetGCMemoryInfo();
        // Before the first collection the runtime has not looked at the load.
        long used = memory.MemoryLoadBytes;
        return new(memory.TotalAvailableMemoryBytes, Math.Max(0, memory.TotalAvailableMemoryBytes - used), "physical memory");
    }

    private static long? Kilobytes(string text, string key)
    {
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(key, StringComparison.Ordinal))
            {
                ReadOnlySpan<char> value = line[key.Length..].Trim();
                value = value.EndsWith("kB", StringComparison.Ordinal) ? value[..^2].TrimEnd() : value;
                return long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long kilobytes) ? kilobytes * 1024 : null;
            }
        }

        return null;
    }

    private static string? ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
