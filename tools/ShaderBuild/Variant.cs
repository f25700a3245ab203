using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

namespace GemmaVk.ShaderBuild;

/// <summary>A line of variants.txt: module, source file, options for glslc; # starts a comment.</summary>
/// <param name="Module">Name of the SPIR-V module.</param>
/// <param name="Source">The .comp file.</param>
/// <param name="Options">Options beyond the common ones.</param>
internal sealed record Variant(string Module, string Source, IReadOnlyList<string> Options)
{
    /// <summary>All lines of a shaders folder's variants.txt.</summary>
    /// <exception cref="InvalidDataException">A line is too short, or two have the same module.</exception>
    public static IReadOnlyList<Variant> ReadAll(string folder)
    {
        List<Variant> variants = [];
        foreach (string line in File.ReadLines(Path.Combine(folder, "variants.txt")))
        {
            string[] words = line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0)
                continue;
            if (words.Length < 2 || variants.Any(v => v.Module == words[0]))
                throw new InvalidDataException($"variants.txt: expected 'module source.comp [options]' with a new module, got '{line}'.");
            variants.Add(new Variant(words[0], words[1], words[2..]));
        }

        return variants;
    }

    /// <summary>Hash of everything that decides the module, except the compiler: options, source, includes.</summary>
    public string SourceHash(string folder)
    {
        List<string> files = [];
        Collect(folder, Path.Combine(folder, Source), files);
        StringBuilder all = new(string.Join(' ', [.. Compiler.CommonOptions, .. Options]));
        foreach (string file in files)
            all.Append('\n').Append(Path.GetFileName(file)).Append('\n').Append(File.ReadAllText(file).ReplaceLineEndings("\n"));
        return Hash(Encoding.UTF8.GetBytes(all.ToString()));
    }

    /// <summary>SHA-256 in hexadecimal.</summary>
    public static string Hash(ReadOnlySpan<byte> data) => Convert.ToHexStringLower(SHA256.HashData(data));

    // Depth first, each file once, whether or not a condition surrounds its #include.
    private static void Collect(string folder, string file, List<string> files)
    {
        if (files.Contains(file))
            return;
        files.Add(file);
        foreach (string line in File.ReadLines(file).Select(l => l.TrimStart()).Where(l => l.StartsWith("#include \"", StringComparison.Ordinal)))
            Collect(folder, Path.Combine(folder, "include", line.Split('"')[1]), files);
    }
}
