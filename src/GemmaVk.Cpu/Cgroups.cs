using System;
using System.Collections.Generic;
using System.Globalization;

namespace GemmaVk.Cpu;

/// <summary>
/// Limits of memory and of processor time in Linux control groups, versions 1 and 2. /proc/self/cgroup has the group's path,
/// /proc/self/mountinfo where groups can be read; every group on the way up may have a limit of its own.
/// Source: the kernel's admin-guide/cgroup-v1/memory and cgroup-v2, scheduler/sched-bwc; proc(5) for mountinfo.
/// </summary>
internal static class Cgroups
{
    // Version 1 writes "no limit" as the largest number of whole pages.
    private const long NoLimit = 1L << 60;

    /// <summary>Each limit that holds for this process, with the bytes used under it that are not just copies of files.</summary>
    public static IEnumerable<(long Limit, long Used)> Limits(Func<string, string?> read)
    {
        foreach ((string folder, bool second) in Folders(read, "memory"))
        {
            if (Limit(read, folder, second) is { } limit)
            {
                yield return limit;
            }
        }
    }

    /// <summary>How many processors' time this process may take, the least of all groups; null for no limit.</summary>
    public static double? Processors(Func<string, string?> read)
    {
        double? least = null;
        foreach ((string folder, bool second) in Folders(read, "cpu"))
        {
            // Version 2 has "quota period" in one file; without a limit the quota is "max", in version 1 it is -1.
            string[] max = second ? (read($"{folder}/cpu.max") ?? "").Split(' ', StringSplitOptions.TrimEntries) : [read($"{folder}/cpu.cfs_quota_us") ?? "", read($"{folder}/cpu.cfs_period_us") ?? ""];
            if (max.Length == 2 && Number(max[0]) is { } quota and > 0 && Number(max[1]) is { } period and > 0)
            {
                least = Math.Min(least ?? double.MaxValue, (double)quota / period);
            }
        }

        return least;
    }

    /// <summary>The folders of this process's groups for a controller, from its own up.</summary>
    private static IEnumerable<(string Folder, bool Second)> Folders(Func<string, string?> read, string controller)
    {
        string mounts = read("/proc/self/mountinfo") ?? "";
        foreach (string line in Lines(read("/proc/self/cgroup") ?? ""))
        {
            string[] parts = line.Split(':', 3);
            if (parts.Length < 3)
            {
                continue;
            }

            bool second = parts[0] == "0" && parts[1].Length == 0;
            if (!second && Array.IndexOf(parts[1].Split(','), controller) < 0)
            {
                continue;
            }

            if (Mount(mounts, second, controller) is not { } mount)
            {
                continue;
            }

            // In a container the mount shows a part of the tree: the group's path counts from there.
            string path = mount.Root != "/" && parts[2].StartsWith(mount.Root, StringComparison.Ordinal) ? parts[2][mount.Root.Length..] : parts[2];
            for (path = path.TrimEnd('/'); ; path = path[..path.LastIndexOf('/')])
            {
                yield return (mount.Point + path, second);
                if (path.Length == 0)
                {
                    break;
                }
            }
        }
    }

    private static (long Limit, long Used)? Limit(Func<string, string?> read, string folder, bool second)
    {
        if (Number(read($"{folder}/{(second ? "memory.max" : "memory.limit_in_bytes")}")) is not { } limit || limit >= NoLimit)
        {
            return null;
        }

        long used = Number(read($"{folder}/{(second ? "memory.current" : "memory.usage_in_bytes")}")) ?? 0;
        string prefix = second ? "" : "total_";
        long files = 0;
        foreach (string line in Lines(read($"{folder}/memory.stat") ?? ""))
        {
            string[] words = line.Split(' ');
            if (words.Length == 2 && (words[0] == prefix + "inactive_file" || words[0] == prefix + "active_file"))
            {
                files += Number(words[1]) ?? 0;
            }
        }

        return (limit, Math.Max(0, used - files));
    }

    // "36 35 98:0 /root /mount/point rw,noatime shared:1 - cgroup cgroup rw,memory"
    private static (string Root, string Point)? Mount(string mounts, bool second, string controller)
    {
        foreach (string line in Lines(mounts))
        {
            string[] halves = line.Split(" - ", 2);
            string[] left = halves[0].Split(' ');
            string[] right = halves.Length == 2 ? halves[1].Split(' ') : [];
            if (left.Length < 5 || right.Length < 3)
            {
                continue;
            }

            if (second ? right[0] == "cgroup2" : right[0] == "cgroup" && Array.IndexOf(right[2].Split(','), controller) >= 0)
            {
                return (left[3], left[4]);
            }
        }

        return null;
    }

    private static long? Number(string? text) =>
        long.TryParse(text?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : null;

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
