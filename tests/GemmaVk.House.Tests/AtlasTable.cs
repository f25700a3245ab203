using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace GemmaVk.House.Tests;

/// <summary>The kernel atlas: a generated table between two markers of a document.</summary>
internal static class AtlasTable
{
    public const string Begin = "<!-- atlas -->";
    public const string End = "<!-- /atlas -->";

    /// <summary>The table.</summary>
    /// <param name="kernels">Names and purposes, in the order a token meets them.</param>
    /// <param name="up">Way from the document's folder to the root: empty, or "../".</param>
    public static string Of(IEnumerable<(string Kernel, string Purpose)> kernels, string up)
    {
        StringBuilder table = new();
        table.Append("| Kernel | What it computes | Spec and reference | CPU | GPU | GLSL | ILGPU | Test | Benchmark |\n");
        table.Append("|---|---|---|---|---|---|---|---|---|\n");
        foreach ((string kernel, string purpose) in kernels)
        {
            KernelPlaces places = new(kernel);
            string links = string.Join(" | ", places.All.Select(path => $"[{path.Split('/')[^1]}]({up}{path})"));
            table.Append($"| {kernel} | {purpose.Replace("|", "\\|", StringComparison.Ordinal)} | {links} |\n");
        }

        return table.ToString();
    }

    /// <summary>What stands between the markers, or null where there are none.</summary>
    public static string? In(string document)
    {
        (int from, int to) = Find(document);
        return from < 0 ? null : document[from..to].Trim('\n') + "\n";
    }

    /// <summary>The document with the table between its markers.</summary>
    /// <exception cref="InvalidOperationException">It has no markers.</exception>
    public static string Put(string document, string table)
    {
        (int from, int to) = Find(document);
        return from < 0
            ? throw new InvalidOperationException($"no {Begin} and {End}")
            : $"{document[..from]}\n{table}{document[to..]}";
    }

    private static (int From, int To) Find(string document)
    {
        int begin = document.IndexOf(Begin, StringComparison.Ordinal);
        int end = document.IndexOf(End, StringComparison.Ordinal);
        return begin < 0 || end < begin ? (-1, -1) : (begin + Begin.Length, end);
    }
}
