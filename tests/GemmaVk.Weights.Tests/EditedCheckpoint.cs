using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using GemmaVk.Tensors;

namespace GemmaVk.Weights.Tests;

/// <summary>A tensor to add to a file.</summary>
internal sealed record ExtraTensor(string Name, string DType, long[] Extents, byte[] Bytes)
{
    public static ExtraTensor Floats(string name, string dtype, long[] extents, IEnumerable<float> values) => new(name, dtype, extents, dtype switch
    {
        "BF16" => [.. MemoryMarshal.AsBytes(values.Select(BFloat16.FromSingle).ToArray().AsSpan())],
        "F16" => [.. MemoryMarshal.AsBytes(values.Select(value => (Half)value).ToArray().AsSpan())],
        _ => [.. MemoryMarshal.AsBytes(values.ToArray().AsSpan())],
    });
}

/// <summary>Golden checkpoints with more in them than was published.</summary>
internal static class EditedCheckpoint
{
    /// <summary>Writes the file again with more tensors.</summary>
    public static TemporaryFolder With(this TemporaryFolder folder, params ExtraTensor[] extra)
    {
        string path = folder["model.safetensors"];
        string fresh = folder["fresh"];
        using (SafetensorsFile file = SafetensorsFile.Open(path))
        {
            List<SafetensorsEntry> entries = [.. file.Tensors.Values.Select(tensor => new SafetensorsEntry(tensor.Name, tensor.DType, tensor.Extents))];
            entries.AddRange(extra.Select(tensor => new SafetensorsEntry(tensor.Name, tensor.DType, tensor.Extents)));
            using SafetensorsWriter writer = SafetensorsWriter.Create(fresh, entries);
            foreach (FileTensor tensor in file.Tensors.Values)
            {
                writer.Write(tensor.Name, 0, file.Bytes(tensor));
            }

            foreach (ExtraTensor tensor in extra)
            {
                writer.Write(tensor.Name, 0, tensor.Bytes);
            }

            writer.Commit();
        }

        File.Move(fresh, path, overwrite: true);
        return folder;
    }

    /// <summary>A plain tensor of a golden checkpoint.</summary>
    public static (float[] Values, long[] Extents) Plain(string golden, string name)
    {
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(Repository.Golden(golden), "model.safetensors"));
        FileTensor tensor = file.Tensors[name];
        ushort[] bits = MemoryMarshal.Cast<byte, ushort>(file.Bytes(tensor)).ToArray();
        return ([.. bits.Select(BFloat16.ToSingle)], [.. tensor.Extents]);
    }
}
