using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Gguf;

/// <summary>
/// What lies beside a GGUF model and belongs to it, by the names that people publish: <c>mmproj-NAME.gguf</c>, <c>NAME-mmproj.gguf</c> or a lone
/// <c>mmproj-F16.gguf</c>; <c>mtp-NAME.gguf</c>, <c>NAME-assistant.gguf</c>. NAME is the model's without its format at the end.
/// </summary>
public static partial class GgufNeighbours
{
    private const int MostFiles = 1000;

    /// <summary>Whether a path is that of a GGUF file: it is there and begins as one, or at least is called one.</summary>
    public static bool IsGguf(string path) => File.Exists(path) && (path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) || CheckpointIndex.BeginsAsGguf(path));

    /// <summary>The media projector that is meant.</summary>
    /// <param name="model">The model's file.</param>
    /// <param name="asked">A file, <c>off</c> for text alone, <c>auto</c> for the one beside the model.</param>
    /// <returns>Its path, or null for none.</returns>
    /// <exception cref="GemmaVkException">It is not there, or several may be meant.</exception>
    public static string? Projector(string model, string asked)
    {
        if (asked == "off")
        {
            return null;
        }

        if (asked != "auto")
        {
            return File.Exists(asked) ? asked : throw new GemmaVkException($"--mmproj {asked} must be the GGUF file of a media projector, but nothing is there; give its path, or 'off' for text alone.");
        }

        string[] all = [.. Files(model).Where(IsProjector)];
        string[] own = Of(model, all);
        // One that bears no model's name belongs to whatever lies beside it.
        string[] found = own.Length > 0 ? own : [.. all.Where(name => Stem(name).Equals("mmproj", StringComparison.OrdinalIgnoreCase))];
        return found.Length switch
        {
            0 => null,
            1 => Path.Combine(Folder(model), found[0]),
            _ => throw new GemmaVkException($"{model} must have one media projector beside it, but has {string.Join(" and ", found.Take(4))}; say which with --mmproj FILE, or '--mmproj off' for text alone."),
        };
    }

    /// <summary>The drafter beside a model, or null where there is none or more than one.</summary>
    public static string? Drafter(string model)
    {
        string[] found = Of(model, Files(model).Where(name => name != Path.GetFileName(model) && IsDrafter(name)));
        return found.Length == 1 ? Path.Combine(Folder(model), found[0]) : null;
    }

    /// <summary>Whether a file's name is that of a projector or drafter, which lie beside a model.</summary>
    internal static bool IsNeighbour(string name) => IsProjector(name) || IsDrafter(name);

    /// <summary>Those that bear a model's name and nothing else but what they are; only where there are none, those with more words around it.</summary>
    private static string[] Of(string model, IEnumerable<string> names)
    {
        string stem = Stem(model);
        string[] bearing = [.. names.Where(name => Words(name).Contains(Bounded(stem), StringComparison.OrdinalIgnoreCase))];
        string[] exact = [.. bearing.Where(name => Words(Kind().Replace(name, "-")).Equals(Bounded(stem), StringComparison.OrdinalIgnoreCase))];
        return exact.Length > 0 ? exact : bearing;
    }

    /// <summary>A file's stem in words, with a dash before, between and after them: a name is found as whole words, so that no model called "p" owns every "mmproj".</summary>
    private static string Words(string name) => Bounded(Stem(name));

    private static string Bounded(string stem) => $"-{Separators().Replace(stem, "-").Trim('-')}-";

    private static bool IsProjector(string name) => name.Contains("mmproj", StringComparison.OrdinalIgnoreCase);

    private static bool IsDrafter(string name) => name.StartsWith("mtp-", StringComparison.OrdinalIgnoreCase)
        || name.Contains("-mtp", StringComparison.OrdinalIgnoreCase) || name.Contains("assistant", StringComparison.OrdinalIgnoreCase);

    /// <summary>A file's name without format, part and ending: what a model is called.</summary>
    private static string Stem(string path) => Format().Replace(Part().Replace(Path.GetFileNameWithoutExtension(path), ""), "");

    private static string Folder(string model) => Path.GetDirectoryName(Path.GetFullPath(model)) ?? "";

    private static IEnumerable<string> Files(string model)
    {
        try
        {
            return [.. Directory.EnumerateFiles(Folder(model), "*.gguf").Take(MostFiles).Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A folder that may not be listed has no neighbours; the model's own file says whether it can be read.
            return [];
        }
    }

    [GeneratedRegex(@"[-_. ]+", RegexOptions.CultureInvariant)]
    private static partial Regex Separators();

    [GeneratedRegex(@"mmproj|\bmtp\b|assistant", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Kind();

    [GeneratedRegex(@"-\d{5}-of-\d{5}$", RegexOptions.CultureInvariant)]
    private static partial Regex Part();

    [GeneratedRegex(@"[-_.](UD-)?(bf16|f16|f32|fp16|mxfp4|i?q\d\w*)$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Format();
}
