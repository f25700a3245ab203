using System;
using System.Globalization;
using System.IO;

namespace GemmaVk.Cpu;

/// <summary>The memory that this process may use: the machine's, or less where a limit of a container or of the process says so.</summary>
/// <param name="TotalBytes">The machine's memory, or the smallest limit on the way to this process.</param>
/// <param name="AvailableBytes">What of it can be taken now; pages that only repeat a file count as free.</param>
/// <param name="Source">What said so, in words.</param>
public sealed record MachineMemory(long TotalBytes, long AvailableBytes, string Source)
{
    // Limits of the process in /proc/self/limits, and what /proc/self/status says it has of that.
    private static readonly (string Limit, string Used, string Words)[] ProcessLimits =
    [
        ("Max address space", "VmSize:", "limit on the address space of the process (ulimit -v)"),
        ("Max data size", "VmData:", "limit on the data of the process (ulimit -d)"),
    ];

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
            memory = Within(memory, limit, used, source);
        }

        string limits = read("/proc/self/limits") ?? "", status = read("/proc/self/status") ?? "";
        foreach ((string name, string used, string words) in ProcessLimits)
        {
            if (SoftLimit(limits, name) is { } limit && Kilobytes(status, used) is { } bytes && limit - bytes < memory.AvailableBytes)
            {
                memory = Within(memory, limit, bytes, words);
            }
        }

        return memory;
    }

    private static MachineMemory Within(MachineMemory memory, long limit, long used, string source) =>
        new(Math.Min(memory.TotalBytes, limit), Math.Min(memory.AvailableBytes, Math.Max(0, limit - used)), source);

    // "Max address space         3072000000           unlimited            bytes"; the first number holds.
    private static long? SoftLimit(string text, string key)
    {
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(key, StringComparison.Ordinal))
            {
                ReadOnlySpan<char> value = line[key.Length..].TrimStart();
                int end = value.IndexOf(' ');
                return long.TryParse(end < 0 ? value : value[..end], NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) ? bytes : null;
            }
        }

        return null;
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
