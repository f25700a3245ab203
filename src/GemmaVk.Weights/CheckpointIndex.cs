using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Tensors;
using GemmaVk.Weights.Gguf;

namespace GemmaVk.Weights;

/// <summary>
/// Step 1 of the weight path; from a folder, to SafetensorsFile. A checkpoint is one
/// <c>model.safetensors</c>, or <c>model.safetensors.index.json</c> with
/// <c>{ "metadata": { "total_size": n }, "weight_map": { TENSOR: SHARD } }</c> and the shards beside it.
/// </summary>
public sealed class CheckpointIndex : IDisposable
{
    private const string SingleName = "model.safetensors";
    private const string IndexName = "model.safetensors.index.json";
    private const string Remedy = "pass the folder of a Gemma 4 safetensors checkpoint (config.json, tokenizer.json, model.safetensors), or a GGUF file.";
    private const string Again = "download the missing files of the checkpoint again.";

    private readonly Dictionary<string, (TensorFile File, FileTensor Tensor)> _tensors = [];
    private readonly List<TensorFile> _files = [];

    private CheckpointIndex(string directory)
    {
        Directory = directory;
    }

    /// <summary>The checkpoint's folder, or the GGUF file that takes its place.</summary>
    public string Directory { get; }

    /// <summary>Whether the tensors come from GGUF files.</summary>
    internal bool IsGguf { get; private init; }

    /// <summary>The mapped files.</summary>
    public IReadOnlyList<TensorFile> Files => _files;

    /// <summary>Every tensor with the file that holds it, in no particular order.</summary>
    public IEnumerable<(TensorFile File, FileTensor Tensor)> Tensors => _tensors.Values;

    /// <summary>Maps the files of a checkpoint.</summary>
    /// <param name="directory">The folder.</param>
    /// <exception cref="GemmaVkException">It holds no checkpoint, or a file is missing or malformed.</exception>
    public static CheckpointIndex Open(string directory)
    {
        CheckFolder(directory);
        CheckpointIndex index = new(directory);
        try
        {
            string single = Path.Combine(directory, SingleName);
            if (File.Exists(single))
            {
                index.AddFile(single);
            }
            else
            {
                index.AddShards(Path.Combine(directory, IndexName));
            }

            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <summary>The tensors of GGUF files under their released names.</summary>
    /// <param name="path">The model's file.</param>
    /// <param name="files">All files; the index owns them from here on.</param>
    /// <param name="tensors">The tensors, which keep their own names inside.</param>
    internal static CheckpointIndex Of(string path, IEnumerable<TensorFile> files, IReadOnlyDictionary<string, (TensorFile File, FileTensor Tensor)> tensors)
    {
        CheckpointIndex index = new(path) { IsGguf = true };
        index._files.AddRange(files);
        foreach ((string name, (TensorFile File, FileTensor Tensor) entry) in tensors)
        {
            index._tensors.Add(name, entry);
        }

        return index;
    }

    /// <summary>True if <paramref name="path"/> is a folder with the files of a checkpoint; else the sentence that says what it is.</summary>
    /// <exception cref="GemmaVkException">It is a file, a GGUF, nothing, or a folder without safetensors.</exception>
    internal static void CheckFolder(string path)
    {
        if (File.Exists(path))
        {
            throw new GemmaVkException($"{path} must be a folder or a GGUF file, but is a file of another kind; pass the folder that holds it{(Path.GetDirectoryName(path) is { Length: > 0 } folder ? $": {folder}" : ".")}");
        }

        if (!System.IO.Directory.Exists(path))
        {
            throw new GemmaVkException($"{(path.Length == 0 ? "--model" : path)} must be a folder with a safetensors checkpoint, but nothing is there; {Remedy}");
        }

        FolderContents.RefuseStreams(path);
        bool hasWeights = IsThere(Path.Combine(path, SingleName)) || IsThere(Path.Combine(path, IndexName));
        FolderContents.RefuseAdapter(path, hasWeights);
        if (hasWeights)
        {
            return;
        }

        string[] names = [.. System.IO.Directory.EnumerateFileSystemEntries(path).Take(1000).Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal)];
        // The model's own file goes before what lies beside it.
        string? gguf = names.Where(name => name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)).OrderBy(GgufNeighbours.IsNeighbour).FirstOrDefault();
        string found = names.Length == 0 ? "is empty"
            : names.FirstOrDefault(name => name is SingleName or IndexName) is { } link ? $"{link} is a link to a file that is not there (an interrupted download?)"
            : names.FirstOrDefault(name => name.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase)) is { } other ? $"holds {other} under another name and no index"
            : FolderContents.OtherForm(gguf is null ? names : [gguf]) ?? "holds neither";
        throw new GemmaVkException($"{path} must hold {SingleName} or {IndexName}, but {found}; {(gguf is null || GgufNeighbours.IsNeighbour(gguf) ? Remedy : $"pass the GGUF file itself: {Path.Combine(path, gguf)}.")}");
    }

    /// <summary>A tensor by the name the file uses.</summary>
    public bool TryFind(string name, out TensorFile file, out FileTensor tensor)
    {
        bool found = _tensors.TryGetValue(name, out (TensorFile File, FileTensor Tensor) entry);
        (file, tensor) = entry;
        return found;
    }

    /// <summary>Unmaps all files.</summary>
    public void Dispose()
    {
        foreach (TensorFile file in _files)
        {
            file.Dispose();
        }
    }

    /// <summary>A link counts by what it leads to: download caches hold links.</summary>
    private static bool IsThere(string path)
    {
        try
        {
            return File.Exists(path) && (File.ResolveLinkTarget(path, returnFinalTarget: true) is not { } target || target.Exists);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Whether a file begins as a GGUF file does.</summary>
    internal static bool BeginsAsGguf(string path)
    {
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            Span<byte> magic = stackalloc byte[4];
            return stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false) == 4 && magic.SequenceEqual("GGUF"u8);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private void AddFile(string path)
    {
        SafetensorsFile file = SafetensorsFile.Open(path);
        _files.Add(file);
        foreach (FileTensor tensor in file.Tensors.Values)
        {
            _tensors.TryAdd(tensor.Name, (file, tensor));
        }
    }

    private void AddShards(string indexPath)
    {
        Dictionary<string, string> map = ReadMap(indexPath);
        Dictionary<string, TensorFile> shards = [];
        foreach (string shard in map.Values.Distinct())
        {
            if (shard.Length == 0 || shard != Path.GetFileName(shard) || shard is "." or ".." || shard.Contains('\\', StringComparison.Ordinal))
            {
                throw new GemmaVkException($"{indexPath} must name files in its own folder, but names \"{shard}\"; {Again}");
            }

            string path = Path.Combine(Directory, shard);
            if (!File.Exists(path))
            {
                throw new GemmaVkException($"{indexPath} lists {shard}, which must lie beside it, but does not; {Again}");
            }

            SafetensorsFile file = SafetensorsFile.Open(path);
            _files.Add(file);
            shards.Add(shard, file);
        }

        foreach ((string name, string shard) in map)
        {
            TensorFile file = shards[shard];
            if (!file.Tensors.TryGetValue(name, out FileTensor? tensor))
            {
                throw new GemmaVkException($"{indexPath} says that {shard} holds tensor \"{name}\", but it does not; {Again}");
            }

            _tensors.Add(name, (file, tensor));
        }
    }

    private static Dictionary<string, string> ReadMap(string indexPath)
    {
        const long LargestBytes = 64 << 20;
        const string Expected = "must be a JSON object whose weight_map gives a file name for each tensor";
        try
        {
            using FileStream stream = new(indexPath, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (stream.Length > LargestBytes)
            {
                throw new GemmaVkException($"{indexPath} {Expected}, but is longer than {LargestBytes} bytes; {Again}");
            }

            using JsonDocument document = JsonDocument.Parse(stream, new JsonDocumentOptions { MaxDepth = 8, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("weight_map", out JsonElement map) || map.ValueKind != JsonValueKind.Object)
            {
                throw new GemmaVkException($"{indexPath} {Expected}, but has none; {Again}");
            }

            Dictionary<string, string> shards = [];
            foreach (JsonProperty entry in map.EnumerateObject())
            {
                if (entry.Value.ValueKind != JsonValueKind.String || !shards.TryAdd(entry.Name, entry.Value.GetString()!))
                {
                    throw new GemmaVkException($"{indexPath} {Expected}, but \"{entry.Name}\" has another value or comes twice; {Again}");
                }
            }

            return shards.Count > 0 ? shards : throw new GemmaVkException($"{indexPath} {Expected}, but lists no tensor; {Again}");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            throw new GemmaVkException($"{indexPath} {Expected}, but reading it failed: {error.Message} {Again}", error);
        }
    }
}
