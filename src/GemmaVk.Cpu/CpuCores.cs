using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace GemmaVk.Cpu;

/// <summary>The cores that this process may use: of those that its mask of processors allows, as many as its control groups give time for.</summary>
/// <param name="Count">Cores, two hardware threads of one counted once; at least 1.</param>
/// <param name="Notes">What makes them fewer than the machine has, or of several kinds; empty for neither.</param>
internal sealed record CpuCores(int Count, string Notes)
{
    private const string Folder = "/sys/devices/system/cpu";

    /// <summary>Asks the system.</summary>
    public static CpuCores Read() => (OperatingSystem.IsLinux() ? OfLinux(ReadFile) : null) ?? new CpuCores(Environment.ProcessorCount, "");

    /// <summary>As Linux tells it, in files that <paramref name="read"/> gives; null without a mask to understand.</summary>
    internal static CpuCores? OfLinux(Func<string, string?> read)
    {
        List<int> allowed = List(Line(read("/proc/self/status"), "Cpus_allowed_list:"));
        if (allowed.Count == 0)
        {
            return null;
        }

        List<string> notes = [];
        List<int> online = List(read($"{Folder}/online"));
        if (online.Count > allowed.Count)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"{allowed.Count} of {online.Count} processors by the mask of the process"));
        }

        // Processors that name the same siblings are one core.
        int count = allowed.Select(processor => read($"{Folder}/cpu{processor}/topology/thread_siblings_list")?.Trim() ?? $"cpu{processor}").Distinct().Count();
        if (Cgroups.Processors(read) is { } time && Math.Ceiling(time) < count)
        {
            count = Math.Max(1, (int)Math.Ceiling(time));
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"time for {time:0.##} by the control group"));
        }

        // Cores of another speed take pieces of the same work, so that they need no list: this is for whoever reads the doctor's answer.
        int[] kinds = [.. allowed.Select(processor => Kind(read, processor)).Where(kind => kind > 0).Distinct().OrderDescending()];
        if (kinds.Length > 1)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"of {kinds.Length} speeds, up to {kinds[0] / 1e6:0.0} and {kinds[^1] / 1e6:0.0} GHz"));
        }

        return new CpuCores(count, string.Join(", ", notes));
    }

    /// <summary>Numbers and ranges: "0-3,8".</summary>
    private static List<int> List(string? text)
    {
        // Far more than any machine has: a range is a bound before it is a list.
        const int Most = 1 << 16;
        List<int> numbers = [];
        foreach (string part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] ends = part.Split('-');
            if (!int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out int first)
                || !int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int last) || last < first || last >= Most)
            {
                return [];
            }

            numbers.AddRange(Enumerable.Range(first, last - first + 1));
        }

        return [.. numbers.Distinct()];
    }

    private static string? Line(string? text, string key) =>
        text?.Split('\n').FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?[key.Length..];

    /// <summary>Highest frequency in kHz; 0 where nothing says it.</summary>
    private static int Kind(Func<string, string?> read, int processor) =>
        int.TryParse(read($"{Folder}/cpu{processor}/cpufreq/cpuinfo_max_freq")?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int frequency) ? frequency : 0;

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
