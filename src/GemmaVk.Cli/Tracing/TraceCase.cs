using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using GemmaVk.Media;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Media;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Tracing;

/// <summary>
/// The input of a trace in a file: <c>ids</c> and, where there is more than text, <c>kinds</c> (0 text, 1 picture, 2 frame of a
/// clip, 3 sound) with <c>image.N</c> U8 [h, w, 3], <c>video.N</c> U8 [frames, h, w, 3] and <c>audio.N</c> F32 samples at 16 kHz.
/// </summary>
internal sealed class TraceCase
{
    private readonly string _path;
    private readonly int[] _kinds;
    private readonly List<Picture> _images = [];
    private readonly List<Picture> _frames = [];
    private readonly List<float[]> _sounds = [];

    private TraceCase(string path, SafetensorsFile file)
    {
        // The cases of the generated checkpoints have one medium of a kind and spell the names out.
        _path = path;
        Ids = Integers(file, file.Tensors.ContainsKey("token_ids") ? "token_ids" : "ids");
        string kinds = file.Tensors.ContainsKey("mm_token_type_ids") ? "mm_token_type_ids" : "kinds";
        _kinds = file.Tensors.ContainsKey(kinds) ? Integers(file, kinds) : new int[Ids.Length];
        if (_kinds.Length != Ids.Length || Array.Exists(_kinds, kind => kind is < 0 or > 3))
        {
            throw new GemmaVkException($"--case {path}: expected '{kinds}' to have a number from 0 to 3 for each of {Ids.Length} ids, but it has others; write it again.");
        }

        foreach (FileTensor tensor in Media(file, "image", "pixels"))
        {
            AddPictures(file, tensor, 3, _images);
        }

        foreach (FileTensor tensor in Media(file, "video", null))
        {
            AddPictures(file, tensor, 4, _frames);
        }

        foreach (FileTensor tensor in Media(file, "audio", "samples"))
        {
            _sounds.Add(tensor.DType == "F32" ? MemoryMarshal.Cast<byte, float>(file.Bytes(tensor)).ToArray() : throw Wrong(tensor, "F32 samples"));
        }
    }

    /// <summary>Ids, placeholders included.</summary>
    public int[] Ids { get; }

    /// <summary>Reads a case.</summary>
    /// <param name="path">A safetensors file.</param>
    /// <exception cref="GemmaVkException">It is not one, or not a case.</exception>
    public static TraceCase Read(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return new TraceCase(path, file);
    }

    /// <summary>Patches of the largest picture or frame; 0 without.</summary>
    /// <param name="side">Pixels of a patch's side.</param>
    public int LargestPicture(int side) =>
        _images.Concat(_frames).Select(picture => (int)Math.Min(int.MaxValue, (long)(picture.Height / side) * (picture.Width / side))).DefaultIfEmpty().Max();

    /// <summary>Whether it holds anything but text.</summary>
    public bool HasMedia => _images.Count + _frames.Count + _sounds.Count > 0;

    /// <summary>The rows of the prompt.</summary>
    /// <exception cref="GemmaVkException">Kinds, placeholders and media do not match, or the model cannot take one.</exception>
    public PromptRows Prompt(GemmaModel model)
    {
        Queue<Medium> images = new(_images.Select(picture => Medium.Image(model, picture)));
        Queue<Medium> frames = new(_frames.Select(picture => Medium.Frame(model, picture)));
        Queue<Medium> sounds = new(_sounds.Select(samples => Medium.Sound(model, samples)));
        List<Medium> media = [];
        int row = 0;
        while (row < _kinds.Length)
        {
            if (_kinds[row] == 0)
            {
                row++;
                continue;
            }

            Queue<Medium> kind = _kinds[row] == 1 ? images : _kinds[row] == 2 ? frames : sounds;
            if (!kind.TryDequeue(out Medium? medium) || medium.SoftRows == 0)
            {
                throw new GemmaVkException($"--case {_path}: expected a medium for row {row} of kind {_kinds[row]}, but there is none left; add it.");
            }

            media.Add(medium);
            row += medium.SoftRows;
        }

        int left = images.Count + frames.Count + sounds.Count;
        return left == 0
            ? PromptRows.Of(model.Config, Ids, media)
            : throw new GemmaVkException($"--case {_path}: expected rows for every medium, but {left} have none; correct 'kinds'.");
    }

    private static IEnumerable<FileTensor> Media(SafetensorsFile file, string name, string? single)
    {
        if (single is not null && file.Tensors.TryGetValue(single, out FileTensor? only))
        {
            yield return only;
        }

        for (int i = 0; file.Tensors.TryGetValue(FormattableString.Invariant($"{name}.{i}"), out FileTensor? tensor); i++)
        {
            yield return tensor;
        }
    }

    private void AddPictures(SafetensorsFile file, FileTensor tensor, int rank, List<Picture> pictures)
    {
        IReadOnlyList<long> extents = tensor.Extents;
        if (tensor.DType != "U8" || extents.Count != rank || extents[^1] != 3 || extents.Any(extent => extent is < 1 or > int.MaxValue))
        {
            throw Wrong(tensor, rank == 3 ? "U8 [height, width, 3]" : "U8 [frames, height, width, 3]");
        }

        byte[] bytes = file.Bytes(tensor).ToArray();
        int size = (int)(extents[^3] * extents[^2] * 3);
        for (int first = 0; first < bytes.Length; first += size)
        {
            pictures.Add(new Picture((int)extents[^3], (int)extents[^2], bytes[first..(first + size)]));
        }
    }

    private int[] Integers(SafetensorsFile file, string name)
    {
        if (!file.Tensors.TryGetValue(name, out FileTensor? tensor))
        {
            throw new GemmaVkException($"--case {_path}: expected a tensor '{name}' of type I32 or I64, but it has none; add it.");
        }

        if (tensor.Extents.Count != 1 || tensor.DType is not ("I32" or "I64"))
        {
            throw Wrong(tensor, "I32 [n] or I64 [n]");
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

    private GemmaVkException Wrong(FileTensor tensor, string expected) =>
        new($"--case {_path}: expected '{tensor.Name}' to be {expected}, but it is {tensor.Kind}; convert it.");
}
