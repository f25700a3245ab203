using System;
using System.Buffers.Binary;
using System.IO;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GemmaVk.Tensors;

namespace GemmaVk.Weights;

/// <summary>
/// How far a quantisation is, in a file beside its unfinished result: the number of blocks that are safely on the disk, and a
/// hash of all that the result depends on. A later run goes on only where that hash is its own.
/// </summary>
internal sealed class QuantizerProgress
{
    private const string Name = "progress.json";

    // Changes whenever the same source would give other bytes, or the blocks another order.
    private const string Rules = "groups of 32, blocks of 4 Mi elements, 1";
    private readonly CheckpointFolder _folder;
    private readonly string _job;

    private QuantizerProgress(CheckpointFolder folder, string job, int done, bool isOther)
    {
        _folder = folder;
        _job = job;
        Done = done;
        IsOther = isOther;
    }

    /// <summary>Blocks that an earlier run finished; 0 if there was none, or one of another source or format.</summary>
    public int Done { get; }

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
                return new(folder, job, 0, isOther: false);
            }

            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            bool same = document.RootElement.GetProperty("job").GetString() == job;
            return new(folder, job, same ? document.RootElement.GetProperty("blocks").GetInt32() : 0, isOther: !same);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or System.Collections.Generic.KeyNotFoundException or FormatException)
        {
            return new(folder, job, 0, isOther: true);
        }
    }

    /// <summary>Records that the first <paramref name="done"/> blocks are on the disk.</summary>
    public void Save(int done)
    {
        string fresh = Name + ".new";
        _folder.Write(fresh, JsonSerializer.SerializeToUtf8Bytes(new { job = _job, blocks = done }));
        File.Move(Path.Combine(_folder.Path, fresh), Path.Combine(_folder.Path, Name), overwrite: true);
    }

    /// <summary>Removes the record: the result is whole.</summary>
    public void Remove() => File.Delete(Path.Combine(_folder.Path, Name));

    private static string Job(Checkpoint source, DType format)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{Rules}; {format}; "));
        hash.AppendData(File.ReadAllBytes(source.Config.File));
        Span<byte> number = stackalloc byte[8];
        foreach (SafetensorsFile file in source.Files)
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
