using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using GemmaVk.Model;
using GemmaVk.Tensors;
using GemmaVk.Weights.Repack;

namespace GemmaVk.Weights;

/// <summary>
/// Step 4 of the weight path; from TensorFile and TensorTable, to Repack. Finds a tensor under its accepted spellings and
/// checks dtype and shape against the <see cref="TensorTable"/>. Not found or not as expected is one sentence that shows both.
/// </summary>
public abstract partial class TensorSource : IDisposable
{
    private const string Suffix = ".weight";
    private const string Remedy = "use the config.json and the weights of one and the same checkpoint, or download it again.";

    private readonly CheckpointIndex _index;
    private readonly QuantizationConfig? _quantization;

    private protected TensorSource(CheckpointIndex index, TensorTable table, QuantizationConfig? quantization)
    {
        _index = index;
        _quantization = quantization;
        Table = table;
    }

    /// <summary>The checkpoint's folder, or the GGUF file that takes its place.</summary>
    public string Directory => _index.Directory;

    /// <summary>What the configuration expects.</summary>
    public TensorTable Table { get; }

    /// <summary>Looks whether the files are still those that were opened (<see cref="TensorFile.CheckUnchanged"/>).</summary>
    /// <exception cref="GemmaVkException">One was written to.</exception>
    public void CheckUnchanged()
    {
        for (int i = 0; i < _index.Files.Count; i++)
        {
            _index.Files[i].CheckUnchanged();
        }
    }

    /// <summary>Bytes of all tensors on disk.</summary>
    public long TotalBytes => _index.Tensors.Sum(entry => entry.Tensor.ByteLength);

    /// <summary>Every tensor on disk by name, with the file that holds it.</summary>
    public IReadOnlyList<(string File, FileTensor Tensor)> List() =>
        [.. _index.Tensors.Select(entry => (entry.File.Path, entry.Tensor)).OrderBy(entry => entry.Tensor.Name, StringComparer.Ordinal)];

    /// <summary>A tensor by the name that its file gives it, or by the released one; the tensor is null where there is none.</summary>
    public (TensorFile File, FileTensor? Tensor) Named(string name)
    {
        foreach ((TensorFile File, FileTensor Tensor) entry in _index.Tensors)
        {
            if (entry.Tensor.Name == name)
            {
                return entry;
            }
        }

        return Locate(name, out TensorFile file, out FileTensor tensor) ? (file, tensor) : (null!, null);
    }

    /// <summary>
    /// The rows of a weight matrix. Stored formats come out without a copy where the kernel layout is the file's
    /// (BF16, F32, INT4, FP8); everything else is converted row by row as it is read.
    /// </summary>
    /// <param name="name">Released name, ending in ".weight" (<see cref="TensorNames"/>), whatever the file calls or packs it.</param>
    /// <param name="target">Wanted format; null for the stored one (F16 becomes F32).</param>
    /// <exception cref="GemmaVkException">The tensor is missing or not as configured.</exception>
    public MatrixSource Matrix(string name, DType? target = null)
    {
        TensorSpec spec = Spec(name);
        if (spec.Role is TensorRole.Vector or TensorRole.Duplicate)
        {
            throw new ArgumentException($"{name} is not a matrix", nameof(name));
        }

        if (IsGguf)
        {
            return GgufMatrix(spec, target);
        }

        MatrixSource stored = Stored(spec);
        return target is { } format ? Conversion.To(stored, format) : stored;
    }

    /// <summary>A norm weight, bias or table as float32, row-major.</summary>
    /// <exception cref="GemmaVkException">The tensor is missing or not as configured.</exception>
    public float[] Vector(string name)
    {
        TensorSpec spec = Spec(name);
        (TensorFile file, FileTensor tensor) = Find(spec.Name);
        float[] values = IsGguf ? GgufVector(spec) : SafetensorsVector(spec, file, tensor);
        int bad = 0;
        while (bad < values.Length && float.IsFinite(values[bad]))
        {
            bad++;
        }

        return bad == values.Length ? values : throw new GemmaVkException(
            $"{file.Path}: tensor {tensor.Name} must hold finite numbers, but number {bad.ToString(System.Globalization.CultureInfo.InvariantCulture)} is NaN or infinite; the file is damaged, download it again ('gemmavk inspect --check' looks through all tensors).");
    }

    private static float[] SafetensorsVector(TensorSpec spec, TensorFile file, FileTensor tensor)
    {
        CheckShape(file, tensor, spec.Shape);
        float[] values = new float[spec.Shape.Count];
        Rows.ToSingle(PlainType(file, tensor), file.Bytes(tensor), [], 1, values);
        return values;
    }

    /// <summary>True if the checkpoint holds the matrix or vector of this released name, in any form.</summary>
    public bool Has(string name) => Locate(name, out _, out _) || Locate(Packed(name), out _, out _);

    /// <summary>Bytes of a matrix or vector on disk, scales included.</summary>
    public long StoredBytes(string name) =>
        new[] { name, Packed(name), Scale(name) }.Sum(part => Locate(part, out _, out FileTensor tensor) ? tensor.ByteLength : 0);

    /// <summary>The mapped files.</summary>
    internal IReadOnlyList<TensorFile> Files => _index.Files;

    /// <summary>The entry in the file of a tensor that is stored plain.</summary>
    internal FileTensor StoredTensor(TensorSpec spec) => Find(spec.Name).Tensor;

    /// <summary>Some of a plain tensor's bytes.</summary>
    internal void ReadStored(TensorSpec spec, long first, Span<byte> bytes)
    {
        (TensorFile file, FileTensor tensor) = Find(spec.Name);
        file.Read(tensor, first, bytes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _index.Dispose();
        GC.SuppressFinalize(this);
    }

    private static string Packed(string name) => Stem(name) + ".weight_packed";

    private static string Scale(string name) => Stem(name) + ".weight_scale";

    private static string Stem(string name) => name.EndsWith(Suffix, StringComparison.Ordinal) ? name[..^Suffix.Length] : name;

    private TensorSpec Spec(string name) =>
        Table.Find(name) ?? throw new ArgumentException($"{name} is not a tensor of this model", nameof(name));

    private MatrixSource Stored(TensorSpec spec)
    {
        if (Locate(spec.Name, out TensorFile file, out FileTensor tensor))
        {
            CheckShape(file, tensor, spec.Shape);
            if (tensor.DType != "F8_E4M3")
            {
                return MappedMatrix.Plain(spec, file, tensor, PlainType(file, tensor));
            }

            RequireQuantization(spec, file, tensor, DType.F8E4M3);
            (TensorFile scaleFile, FileTensor scale) = Find(Scale(spec.Name));
            CheckScale(spec, scaleFile, scale, DType.F8E4M3);
            return MappedMatrix.Quantised(spec, DType.F8E4M3, file, tensor, scaleFile, scale);
        }

        return StoredPacked(spec);
    }

    private MatrixSource StoredPacked(TensorSpec spec)
    {
        if (!Locate(Packed(spec.Name), out TensorFile file, out FileTensor packed))
        {
            throw Missing(spec.Name);
        }

        DType format = _quantization?.Format ?? DType.Q4;
        RequireQuantization(spec, file, packed, format);
        int perWord = format == DType.Q4 ? 8 : 4;
        long N = spec.Shape[0], K = spec.Shape[1];
        CheckShape(file, packed, new Shape(N, K / perWord));
        CheckType(file, packed, "I32");
        (TensorFile scaleFile, FileTensor scale) = Find(Scale(spec.Name));
        CheckScale(spec, scaleFile, scale, format);
        CheckRecordedShape(spec);
        return format == DType.Q4
            ? MappedMatrix.Quantised(spec, DType.Q4, file, packed, scaleFile, scale)
            : new PackedInt8Matrix(spec, file, packed, scaleFile, scale);
    }

    private void CheckRecordedShape(TensorSpec spec)
    {
        string name = Stem(spec.Name) + ".weight_shape";
        if (!Locate(name, out TensorFile file, out FileTensor tensor))
        {
            return;
        }

        CheckType(file, tensor, "I64");
        CheckShape(file, tensor, new Shape(2));
        ReadOnlySpan<long> recorded = MemoryMarshal.Cast<byte, long>(file.Bytes(tensor));
        if (recorded[0] != spec.Shape[0] || recorded[1] != spec.Shape[1])
        {
            throw new GemmaVkException($"{file.Path}: {tensor.Name} must say {spec.Shape}, but says [{recorded[0]}, {recorded[1]}]; {Remedy}");
        }
    }

    private void RequireQuantization(TensorSpec spec, TensorFile file, FileTensor tensor, DType format)
    {
        if (_quantization is null || spec.Role != TensorRole.Linear || _quantization.Format != format)
        {
            throw new GemmaVkException(
                $"{file.Path}: tensor {tensor.Name} must be plain BF16, F16 or F32 by config.json's quantization_config, but is {tensor.Kind}; {Remedy}");
        }
    }

    private static void CheckScale(TensorSpec spec, TensorFile file, FileTensor scale, DType format)
    {
        CheckType(file, scale, "BF16");
        CheckShape(file, scale, new Shape(spec.Shape[0], QuantBlocks.RowScales(format, spec.Shape[1])));
    }

    private static DType PlainType(TensorFile file, FileTensor tensor) => tensor.DType switch
    {
        "BF16" => DType.BF16,
        "F16" => DType.F16,
        "F32" => DType.F32,
        _ => throw new GemmaVkException($"{file.Path}: tensor {tensor.Name} must be BF16, F16 or F32, but is {tensor.Kind}; {Remedy}"),
    };

    private static void CheckType(TensorFile file, FileTensor tensor, string expected)
    {
        if (tensor.DType != expected)
        {
            throw new GemmaVkException($"{file.Path}: tensor {tensor.Name} must be {expected}, but is {tensor.Kind}; {Remedy}");
        }
    }

    private static void CheckShape(TensorFile file, FileTensor tensor, Shape expected)
    {
        bool equal = tensor.Extents.Count == expected.Rank;
        for (int axis = 0; equal && axis < expected.Rank; axis++)
        {
            equal = tensor.Extents[axis] == expected[axis];
        }

        if (!equal)
        {
            throw new GemmaVkException(
                $"{file.Path}: tensor {tensor.Name} must have shape {expected} by {(file is Gguf.GgufFile ? "the metadata" : "config.json")}, but is {tensor.Kind}; {Remedy}");
        }
    }

    private (TensorFile File, FileTensor Tensor) Find(string name) =>
        Locate(name, out TensorFile file, out FileTensor tensor) ? (file, tensor) : throw Missing(name);

    private GemmaVkException Missing(string name) => new(
        $"{Directory} must hold tensor {name} by {Configured}, but {(IsGguf ? "has none for it" : $"none of its {_index.Files.Count} safetensors files has it under an accepted name")}; {Remedy}");

    private bool Locate(string name, out TensorFile file, out FileTensor tensor)
    {
        foreach (string spelling in TensorNames.Spellings(name))
        {
            if (_index.TryFind(spelling, out file, out tensor))
            {
                return true;
            }
        }

        (file, tensor) = (null!, null!);
        return false;
    }
}
