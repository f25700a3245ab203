using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GemmaVk.Tensors;

namespace GemmaVk.Weights;

/// <summary>
/// How far a quantisation is, in a file beside its unfinished result: a hash of each block that is on the disk, in their order, and a
/// hash of all that the result depends on. A later run goes on only where that hash is its own, and only from blocks that still have theirs.
/// </summary>
internal sealed class QuantizerProgress
{
    public const string Name = "progress.json";

    // A hash for each four million elements: a hundred times what the 12B has.
    private const long LargestFile = 32 << 20;

    // Changes whenever the same source would give other bytes, or the blocks another order.
    private const string Rules = "groups of 32, blocks of 4 Mi elements, a hash each, 2";
    private readonly CheckpointFolder _folder;
    private readonly string _job;

    private QuantizerProgress(CheckpointFolder folder, string job, IReadOnlyList<string> blocks, bool isOther)
    {
        _folder = folder;
        _job = job;
        Blocks = blocks;
        IsOther = isOther;
    }

    /// <summary>Hashes of the blocks that an earlier run says it finished; none if there was none, or one of another source or format.</summary>
    public IReadOnlyList<string> Blocks { get; }

    /// <summary>Whether the folder holds the unfinished result of something else.</summary>
    public bool IsOther { get; }

    /// <summary>Reads what an earlier run left in a folder.</summary>
    public static QuantizerProgress Open(CheckpointFolder folder, Checkpoint source, DType format)
    {
        string job = Job(source, format);
        string path = Path.Combine(folder.Path, Name);
        try
        {
            if (!File.Exists(path))
            {
                return new(folder, job, [], isOther: false);
            }

            if (!OutputTarget.IsOrdinary(path) || new FileInfo(path).Length > LargestFile)
            {
                return new(folder, job, [], isOther: true);
            }

            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            bool same = document.RootElement.GetProperty("job").GetString() == job;
            return new(folder, job, same ? [.. document.RootElement.GetProperty("blocks").EnumerateArray().Select(hash => hash.GetString() ?? "")] : [], isOther: !same);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or IOException or UnauthorizedAccessException)
        {
            return new(folder, job, [], isOther: true);
        }
    }

    /// <summary>Records the blocks that are on the disk: their hashes, in order.</summary>
    public void Save(IReadOnlyList<string> blocks)
    {
        string fresh = Name + ".new";
        _folder.Write(fresh, Written(_job, blocks));
        File.Move(Path.Combine(_folder.Path, fresh), Path.Combine(_folder.Path, Name), overwrite: true);
    }

    /// <summary>The hash of a block's bytes.</summary>
    public static string Hash(ReadOnlySpan<byte> data, ReadOnlySpan<byte> scale)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(data);
        hash.AppendData(scale);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Removes the record: the result is whole.</summary>
    public void Remove() => File.Delete(Path.Combine(_folder.Path, Name));

    private static ReadOnlySpan<byte> Written(string job, IReadOnlyList<string> blocks)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteString("job", job);
            json.WriteStartArray("blocks");
            foreach (string block in blocks)
            {
                json.WriteStringValue(block);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return bytes.WrittenSpan;
    }

    private static string Job(Checkpoint source, DType format)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{Rules}; {format}; "));
        hash.AppendData(source.ConfigJson);
        Span<byte> number = stackalloc byte[8];
        foreach (TensorFile file in source.Files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(file.Path)));
            BinaryPrimitives.WriteInt64LittleEndian(number, file.Length);
            hash.AppendData(number);
            BinaryPrimitives.WriteInt64LittleEndian(number, file.LastWriteTimeUtc.Ticks);
            hash.AppendData(number);
            hash.AppendData(file.Header);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
