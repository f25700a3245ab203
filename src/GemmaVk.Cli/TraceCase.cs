using System;
using System.Linq;
using System.Runtime.InteropServices;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Cli;

/// <summary>The input of a trace in a file: <c>ids</c> and, where there is more than text, <c>kinds</c> and the media.</summary>
internal static class TraceCase
{
    /// <summary>Reads the ids of a case of text.</summary>
    /// <param name="path">A safetensors file.</param>
    /// <exception cref="GemmaVkException">It is not one, or it holds media.</exception>
    public static int[] Read(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        int[] kinds = file.Tensors.ContainsKey("kinds") ? Integers(file, path, "kinds") : [];
        string[] media = [.. file.Tensors.Keys.Where(IsMedia).Order(StringComparer.Ordinal)];
        if (media.Length > 0 || Array.Exists(kinds, kind => kind != 0))
        {
            throw new GemmaVkException(
                $"--case {path}: expected text only, but it has {(media.Length > 0 ? string.Join(", ", media) : "rows of another kind")}; pictures, sound and video cannot be traced, give a case without.");
        }

        // The cases of the generated checkpoints spell it out.
        return Integers(file, path, file.Tensors.ContainsKey("token_ids") ? "token_ids" : "ids");
    }

    private static bool IsMedia(string name) =>
        name.StartsWith("image.", StringComparison.Ordinal) || name.StartsWith("audio.", StringComparison.Ordinal) || name.StartsWith("video.", StringComparison.Ordinal);

    private static int[] Integers(SafetensorsFile file, string path, string name)
    {
        if (!file.Tensors.TryGetValue(name, out SafetensorsTensor? tensor))
        {
            throw new GemmaVkException($"--case {path}: expected a tensor '{name}' of type I32 or I64, but it has none; add it.");
        }

        if (tensor.Extents.Count != 1 || tensor.DType is not ("I32" or "I64"))
        {
            throw new GemmaVkException($"--case {path}: expected '{name}' to be I32 [n] or I64 [n], but it is {tensor.Kind}; convert it.");
        }

        ReadOnlySpan<byte> bytes = file.Bytes(tensor);
        int[] values = new int[tensor.Extents[0]];
        for (int i = 0; i < values.Length; i++)
        {
            // Tensors may start at any byte.
            long value = tensor.DType == "I32" ? MemoryMarshal.Read<int>(bytes[(i * 4)..]) : MemoryMarshal.Read<long>(bytes[(i * 8)..]);
            values[i] = (int)Math.Clamp(value, int.MinValue, int.MaxValue);
        }

        return values;
    }
}
