using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text.RegularExpressions;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Gguf;

/// <summary>
/// A GGUF model in one file or in several, <c>NAME-00001-of-0000N.gguf</c>: the metadata stands in the first part, each part has tensors of its
/// own, and any part stands for all.
/// </summary>
internal static partial class GgufParts
{
    private const string Number = "split.no", Count = "split.count", TensorCount = "split.tensors.count";
    private const int MostParts = 99999;

    /// <summary>Opens all parts, the first one first; the caller disposes of them.</summary>
    /// <exception cref="GemmaVkException">A part is missing, or belongs to another model.</exception>
    public static List<GgufFile> Open(string path)
    {
        List<GgufFile> parts = [GgufFile.Open(path)];
        try
        {
            int count = parts[0].Metadata.Whole(Count) ?? 0;
            if (count <= 1)
            {
                return parts;
            }

            Match name = PartName().Match(Path.GetFileName(path));
            if (!name.Success || int.Parse(name.Groups[3].ValueSpan, CultureInfo.InvariantCulture) != count || count > MostParts)
            {
                throw new GemmaVkException(
                    $"{path}: {Count} says that it is one of {count} parts, so its name must end in -00001-of-{count:00000}.gguf, but does not; give the parts the names they were published under.");
            }

            parts[0].Dispose();
            parts.Clear();
            AddAll(parts, path, name.Groups[1].Value, count);
            return parts;
        }
        catch
        {
            Close(parts);
            throw;
        }
    }

    /// <summary>All tensors of the parts by GGUF's names.</summary>
    /// <exception cref="GemmaVkException">Two parts have the same one, or there are fewer than the first part says.</exception>
    public static Dictionary<string, (TensorFile File, FileTensor Tensor)> Tensors(IReadOnlyList<GgufFile> parts)
    {
        Dictionary<string, (TensorFile File, FileTensor Tensor)> all = [];
        foreach (GgufFile part in parts)
        {
            foreach (FileTensor tensor in part.Tensors.Values)
            {
                if (!all.TryAdd(tensor.Name, (part, tensor)))
                {
                    throw new GemmaVkException($"{part.Path} must not hold tensor {tensor.Name}, because {all[tensor.Name].File.Path} does; take all parts from one publication.");
                }
            }
        }

        return parts.Count > 1 && parts[0].Metadata.Whole(TensorCount) is { } said && said != all.Count
            ? throw parts[0].Metadata.Wrong(TensorCount, $"{all.Count}, the tensors of all parts", said.ToString(CultureInfo.InvariantCulture))
            : all;
    }

    /// <summary>Disposes of all parts.</summary>
    public static void Close(IEnumerable<GgufFile> parts)
    {
        foreach (GgufFile part in parts)
        {
            part.Dispose();
        }
    }

    private static void AddAll(List<GgufFile> parts, string path, string stem, int count)
    {
        string folder = Path.GetDirectoryName(path) ?? "";
        for (int i = 1; i <= count; i++)
        {
            string part = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{stem}-{i:00000}-of-{count:00000}.gguf"));
            if (!File.Exists(part))
            {
                throw new GemmaVkException($"{path} is one of {count} parts, and {part} must lie beside it, but does not; download the missing parts.");
            }

            GgufFile file = GgufFile.Open(part);
            parts.Add(file);
            int no = file.Metadata.RequiredWhole(Number), of = file.Metadata.RequiredWhole(Count);
            if (no != i - 1 || of != count)
            {
                throw file.Metadata.Wrong(Number, $"{i - 1} of {count}, as its name says", $"{no} of {of}");
            }
        }
    }

    [GeneratedRegex(@"^(.*)-(\d{5})-of-(\d{5})\.gguf$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex PartName();
}
