using System;
using System.Collections.Generic;
using System.Globalization;

namespace GemmaVk.Cpu;

/// <summary>
/// Memory limits of Linux control groups, versions 1 and 2. /proc/self/cgroup has the group's path, /proc/self/mountinfo
/// where groups can be read; every group on the way up may have a limit of its own.
/// Source: the kernel's admin-guide/cgroup-v1/memory and cgroup-v2; proc(5) for mountinfo.
/// </summary>
internal static class Cgroups
{
    // Version 1 writes "no limit" as the largest number of whole pages.
    private const long NoLimit = 1L << 60;

    /// <summary>Each limit that holds for this process, with the bytes used under it that are not just copies of files.</summary>
    public static IEnumerable<(long Limit, long Used)> Limits(Func<string, string?> read)
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
            if (!second && Array.IndexOf(parts[1].Split(','), "memory") < 0)
            {
                continue;
            }

            if (Mount(mounts, second) is not { } mount)
            {
                continue;
            }

            // In a container the mount shows a part of the tree: the group's path counts from there.
            string path = mount.Root != "/" && parts[2].StartsWith(mount.Root, StringComparison.Ordinal) ? parts[2][mount.Root.Length..] : parts[2];
            for (path = path.TrimEnd('/'); ; path = path[..path.LastIndexOf('/')])
            {
                if (Limit(read, mount.Point + path, second) is { } limit)
                {
                    yield return limit;
                }

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
    private static (string Root, string Point)? Mount(string mounts, bool second)
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

            if (second ? right[0] == "cgroup2" : right[0] == "cgroup" && Array.IndexOf(right[2].Split(','), "memory") >= 0)
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
