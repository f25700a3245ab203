using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;

namespace GemmaVk.Cli.Terminals;

/// <summary>
/// Standard input, output and error that a shell has closed (<c>2>&amp;-</c>). The runtime gives their numbers to files of its own
/// before the program begins, so writing there, or taking the number back, would do harm: the program is started again
/// with /dev/null in their place.
/// </summary>
internal static unsafe class StandardStreams
{
    // Set for the second start: where that has no streams either, there is no third.
    private const string Restarted = "GEMMAVK_STREAMS_OPENED=1";
    private const int Count = 3;

    /// <summary>Starts the program again where a stream is missing; returns where none is, or nothing can be done.</summary>
    /// <returns>Numbers of the streams that are missing still.</returns>
    public static IReadOnlyList<int> OpenMissing()
    {
        if (OperatingSystem.IsWindows())
        {
            return [];
        }

        int[] missing = [.. Enumerable.Range(0, Count).Where(IsMissing)];
        if (missing.Length > 0 && OperatingSystem.IsLinux())
        {
            Restart(missing);
        }

        return missing;
    }

    /// <summary>Nothing that came from another program closes itself on exec: such a number was free, and the runtime took it.</summary>
    private static bool IsMissing(int descriptor)
    {
        int flags = Libc.Control(descriptor, Libc.GetDescriptorFlags);
        return flags < 0 || (flags & Libc.CloseOnExec) != 0;
    }

    private static void Restart(int[] missing)
    {
        try
        {
            List<byte[]> arguments = Words("/proc/self/cmdline"), environment = Words("/proc/self/environ");
            if (environment.Exists(entry => Encoding.UTF8.GetString(entry) == Restarted))
            {
                return;
            }

            environment.Add(Encoding.UTF8.GetBytes(Restarted));
            byte** given = Pointers(arguments), variables = Pointers(environment);
            int nothing = Libc.Open("/dev/null", Libc.ReadWrite);
            if (nothing < 0)
            {
                return;
            }

            // Both calls are tried in vain first: the runtime compiles them by means of files that may have these very numbers.
            _ = Libc.Duplicate(nothing, nothing);
            _ = Libc.Execute("/dev/null/nothing", given, variables);
            foreach (int descriptor in missing)
            {
                if (Libc.Duplicate(nothing, descriptor) < 0)
                {
                    return;
                }
            }

            _ = Libc.Execute("/proc/self/exe", given, variables);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // No /proc: the missing streams read and write nothing.
        }
    }

    private static List<byte[]> Words(string file)
    {
        byte[] bytes = File.ReadAllBytes(file);
        List<byte[]> words = [];
        for (int start = 0, end; start < bytes.Length; start = end + 1)
        {
            end = Array.IndexOf(bytes, (byte)0, start);
            end = end < 0 ? bytes.Length : end;
            words.Add(bytes[start..end]);
        }

        return words;
    }

    private static byte** Pointers(List<byte[]> words)
    {
        byte** pointers = (byte**)NativeMemory.AllocZeroed((nuint)(words.Count + 1), (nuint)sizeof(byte*));
        for (int i = 0; i < words.Count; i++)
        {
            pointers[i] = (byte*)NativeMemory.AllocZeroed((nuint)words[i].Length + 1);
            words[i].CopyTo(new Span<byte>(pointers[i], words[i].Length));
        }

        return pointers;
    }
}
