using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Terminals;

/// <summary>
/// Names that are not UTF-8. The runtime puts U+FFFD where a byte makes no sense, and so would look for, or write, another file than the
/// one that was named: the program says so before it begins.
/// </summary>
internal static class RawNames
{
    private const char Replacement = '\uFFFD';
    private const string Renaming = "rename it (convmv -f latin1 -t utf8, or mv with Tab), or make a link with another name (ln -s)";

    /// <summary>Looks at what the program was started with.</summary>
    /// <param name="args">As the runtime reads them.</param>
    /// <exception cref="GemmaVkException">An argument, the current folder, or a variable that names a folder is not UTF-8.</exception>
    public static void Check(string[] args)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        if (args.FirstOrDefault(arg => arg.Contains(Replacement, StringComparison.Ordinal)) is { } replaced && Broken("/proc/self/cmdline", _ => true) is { } argument)
        {
            throw new GemmaVkException($"{argument}: expected an argument in UTF-8, but it has other bytes; a text can be converted (iconv -t UTF-8), and a file's name changed: {Renaming}.");
        }

        foreach (string name in (ReadOnlySpan<string>)["GEMMAVK_MODEL", "TMPDIR"])
        {
            if (Environment.GetEnvironmentVariable(name)?.Contains(Replacement, StringComparison.Ordinal) == true
                && Broken("/proc/self/environ", entry => entry.AsSpan().StartsWith(Encoding.UTF8.GetBytes(name + "="))) is { } variable)
            {
                throw new GemmaVkException($"{variable}: expected a path in UTF-8, but it has other bytes; {Renaming}.");
            }
        }

        string folder;
        try
        {
            folder = Environment.CurrentDirectory;
        }
        catch (IOException gone)
        {
            throw new GemmaVkException("the current folder: expected one that is there, but it has been removed; change to another one (cd) and try again.", gone);
        }

        if (IsBroken(folder))
        {
            throw new GemmaVkException($"the current folder {folder}: expected a name in UTF-8, but it has other bytes; start from another folder, or {Renaming}.");
        }
    }

    /// <summary>Whether a name that came from the system stands for something that it does not name.</summary>
    public static bool IsBroken(string path) => path.Contains(Replacement, StringComparison.Ordinal) && !Path.Exists(path);

    /// <summary>The first entry that is not UTF-8, with its bytes in the shell's spelling.</summary>
    private static string? Broken(string file, Func<byte[], bool> counts)
    {
        UTF8Encoding strict = new(false, throwOnInvalidBytes: true);
        foreach (byte[] entry in Entries(file).Where(counts))
        {
            try
            {
                strict.GetCharCount(entry);
            }
            catch (DecoderFallbackException)
            {
                return Spelled(entry);
            }
        }

        return null;
    }

    private static IEnumerable<byte[]> Entries(string file)
    {
        byte[] bytes = File.ReadAllBytes(file);
        for (int start = 0, end; start < bytes.Length; start = end + 1)
        {
            end = Array.IndexOf(bytes, (byte)0, start);
            end = end < 0 ? bytes.Length : end;
            yield return bytes[start..end];
        }
    }

    private static string Spelled(byte[] entry)
    {
        StringBuilder text = new("$'");
        foreach (byte each in entry)
        {
            text.Append(each is >= 0x20 and < 0x7F and not (byte)'\'' and not (byte)'\\' ? ((char)each).ToString() : $"\\x{each:x2}");
        }

        return text.Append('\'').ToString();
    }
}
