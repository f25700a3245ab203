using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text.Json;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime.Cache;
using GemmaVk.Runtime.Media;
using GemmaVk.Runtime.Prefixes;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Runtime.Sessions;

// Letters: n positions in the cache, K KV heads, W head width.

/// <summary>
/// A session as a file: what was said need not be taken in again. It is a safetensors file:
/// <code>
/// __metadata__            format "gemmavk-session", version, model (identity of the weights), precision, oldest, media, notes
/// ids [n] I32             the tokens in the cache          pending [p] I32   known tokens that no pass has taken in yet
/// layers.L.v_cache ..     [K, rows, W], as <see cref="LayerKv.Layout"/> names and types them, in the order of positions: all n of a full layer,
///                         the newest of a sliding one as far as its window and what may still be taken back reach
/// sha256 [32] U8          of all bytes of the file before it; it stands last
/// </code>
/// The rows are in no one's chunk or context: a session with another of either takes them as they are.
/// </summary>
public static class SessionFile
{
    private const string Format = "gemmavk-session";
    private const string Version = "1";
    private const string Hash = "sha256";
    private const int HashBytes = 32;

    /// <summary>Writes a session, atomically: the file is the old one or the new one, whatever happens.</summary>
    /// <param name="session">Not while it answers.</param>
    /// <param name="path">A file that is made or replaced.</param>
    /// <param name="notes">What an upper room wants to find again.</param>
    /// <exception cref="GemmaVkException">The file cannot be written, is there and is no whole session, or a picture waits to be taken in.</exception>
    public static void Save(Session session, string path, string notes = "")
    {
        ArgumentNullException.ThrowIfNull(session);
        (GemmaModel model, KvCache kv) = (session.Model, session.Cache);
        if (session.HasPendingMedia)
        {
            throw new GemmaVkException($"{path}: expected a conversation whose pictures and sounds were all taken in, but the last question was stopped before that; ask it again, then save.");
        }

        RequireReplaceable(path);

        Dictionary<string, string> metadata = new()
        {
            ["format"] = Format,
            ["version"] = Version,
            ["model"] = model.Identity,
            ["precision"] = Precision(model),
            ["oldest"] = kv.Oldest.ToString(CultureInfo.InvariantCulture),
            ["media"] = JsonSerializer.Serialize([.. session.PlacedMedia.Select(Write)], SessionJson.Default.StringArrayArray),
            ["notes"] = notes,
        };
        List<SafetensorsEntry> entries =
        [
            new("ids", "I32", [kv.Length]),
            new("pending", "I32", [session.Pending.Count]),
            .. kv.Layers.SelectMany((layer, i) => layer.Buffers.Select(buffer => Entry(buffer, Rows(model.Plan[i], kv.Length, kv.Oldest)))),
            new(Hash, "U8", [HashBytes]),
        ];
        using SafetensorsWriter writer = SafetensorsWriter.Create(path, entries, metadata);
        writer.Write("ids", 0, MemoryMarshal.AsBytes(session.Ids));
        writer.Write("pending", 0, MemoryMarshal.AsBytes<int>([.. session.Pending]));
        byte[] piece = [];
        for (int i = 0; i < kv.Layers.Count; i++)
        {
            int rows = Rows(model.Plan[i], kv.Length, kv.Oldest);
            foreach (BufferHandle buffer in kv.Layers[i].Buffers)
            {
                long at = 0;
                foreach (KvStretch stretch in KvStretch.Of(buffer, kv.Length - rows, kv.Length))
                {
                    piece = piece.Length < stretch.Bytes ? new byte[stretch.Bytes] : piece;
                    stretch.Read(model.Backend, buffer, piece);
                    writer.Write(buffer.Name, at, piece.AsSpan(0, stretch.Bytes));
                    at += stretch.Bytes;
                }
            }
        }

        writer.Write(Hash, 0, writer.HashBefore(Hash));
        writer.Commit();
    }

    /// <summary>Whether a file says of itself that it is a session; nothing else of it is looked at.</summary>
    public static bool IsSession(string path)
    {
        try
        {
            using SafetensorsFile file = Open(path);
            return file.Metadata.GetValueOrDefault("format") == Format;
        }
        catch (GemmaVkException)
        {
            return false;
        }
    }

    /// <summary>Looks whether <see cref="Load"/> would open a file, without taking memory for it.</summary>
    /// <exception cref="GemmaVkException">It is no such file, damaged, or of another model or precision.</exception>
    public static void Check(GemmaModel model, string path)
    {
        ArgumentNullException.ThrowIfNull(model);
        using SafetensorsFile file = Open(path);
        Check(file, model, path);
    }

    /// <summary>Opens a session that <see cref="Save"/> wrote.</summary>
    /// <param name="model">The same weights in the same precision; any device.</param>
    /// <param name="path">The file.</param>
    /// <param name="context">Positions of the session.</param>
    /// <param name="notes">What was noted with it.</param>
    /// <exception cref="GemmaVkException">It is no such file, damaged, of another model or precision, or too long.</exception>
    /// <param name="prefixes">As for <see cref="GemmaModel.NewSession"/>.</param>
    public static Session Load(GemmaModel model, string path, int context, out string notes, PrefixStore? prefixes = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        using SafetensorsFile file = Open(path);
        Check(file, model, path);
        int[] ids = MemoryMarshal.Cast<byte, int>(Bytes(file, "ids", "I32", null)).ToArray();
        int[] pending = MemoryMarshal.Cast<byte, int>(Bytes(file, "pending", "I32", null)).ToArray();
        int n = ids.Length;
        Require(int.TryParse(file.Metadata.GetValueOrDefault("oldest"), CultureInfo.InvariantCulture, out int oldest) && oldest >= 0 && oldest <= n, path, "0 to n as 'oldest'", "another");
        Require(ids.Concat(pending).All(id => id >= 0 && id < model.Config.VocabSize), path, "tokens of the vocabulary", "others");
        if (n + pending.Length > context)
        {
            throw new GemmaVkException($"{path} holds {n + pending.Length} positions: expected at most --context {context}; raise it (the model allows {model.Config.MaxPositionEmbeddings}).");
        }

        IReadOnlyList<PlacedMedium> media = ReadMedia(file.Metadata.GetValueOrDefault("media") ?? "", path, n);
        Session session = model.NewSession(context, prefixes);
        try
        {
            KvCache kv = session.Cache;
            int kept = Math.Max(oldest, n == 0 ? 0 : n - kv.Chunk);
            for (int i = 0; i < kv.Layers.Count; i++)
            {
                (int stored, int wanted) = (Rows(model.Plan[i], n, oldest), Rows(model.Plan[i], n, kept));
                foreach (BufferHandle buffer in kv.Layers[i].Buffers)
                {
                    Restore(model, file, buffer, n, stored, wanted);
                }
            }

            session.Resume(ids, kept, media, pending);
            notes = file.Metadata.GetValueOrDefault("notes") ?? "";
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Rows of a layer that a session of n positions needs: those that rows from <paramref name="oldest"/> on may see.</summary>
    private static int Rows(LayerPlan layer, int n, int oldest) =>
        layer.SlidingWindow == 0 ? n : n - Math.Max(0, oldest - layer.SlidingWindow + 1);

    private static void Restore(GemmaModel model, SafetensorsFile file, BufferHandle buffer, int n, int stored, int wanted)
    {
        SafetensorsEntry expected = Entry(buffer, stored);
        FileTensor tensor = Tensor(file, buffer.Name, expected.DType, expected.Extents);
        long row = QuantBlocks.RowBytes(buffer.DType, buffer.Shape[2]);
        byte[] piece = [];
        (int head, long at) = (0, (stored - wanted) * row);
        foreach (KvStretch stretch in KvStretch.Of(buffer, n - wanted, n))
        {
            piece = piece.Length < stretch.Bytes ? new byte[stretch.Bytes] : piece;
            file.Read(tensor, at, piece.AsSpan(0, stretch.Bytes));
            stretch.Write(model.Backend, buffer, piece);
            at += stretch.Bytes;
            if (at == (head + 1L) * stored * row)
            {
                // The next head's rows begin with those that this session has no use for.
                at = (++head * (long)stored * row) + ((stored - wanted) * row);
            }
        }
    }

    private static SafetensorsFile Open(string path)
    {
        try
        {
            return SafetensorsFile.Open(path);
        }
        catch (GemmaVkException error) when (File.Exists(path))
        {
            throw new GemmaVkException($"{path}: expected a session that gemmavk saved, but it is another file or a damaged one ({Beginning(error.Message)}); give the file of a saved conversation, or start a new one.", error);
        }
    }

    // What a checkpoint's reader advises is of no use here.
    private static string Beginning(string message) => message.Split(';')[0];

    /// <summary>Lets a whole session be replaced by a newer one, and nothing else: what is damaged may be all that somebody has.</summary>
    private static void RequireReplaceable(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        try
        {
            using SafetensorsFile file = Open(path);
            CheckWhole(file, path);
        }
        catch (GemmaVkException error)
        {
            throw new GemmaVkException($"{path} is there already and is no session that could be replaced ({error.Message}) Choose another name, or move it away.", error);
        }
    }

    private static void Check(SafetensorsFile file, GemmaModel model, string path)
    {
        CheckWhole(file, path);
        IReadOnlyDictionary<string, string> metadata = file.Metadata;
        if (metadata.GetValueOrDefault("model") != model.Identity)
        {
            throw new GemmaVkException($"{path} was saved with other weights than those of {model.Config.File}; load the model that it was saved with.");
        }

        if (Said(metadata.GetValueOrDefault("precision") ?? "none", model) is var precision && precision != Precision(model))
        {
            throw new GemmaVkException($"{path}: expected the precision it was saved with ({precision}), but {Precision(model)} came; give the same --kv, --full-kv and weights.");
        }
    }

    private static void CheckWhole(SafetensorsFile file, string path)
    {
        IReadOnlyDictionary<string, string> metadata = file.Metadata;
        Require(metadata.GetValueOrDefault("format") == Format, path, "a session that gemmavk saved", "another safetensors file");
        Require(metadata.GetValueOrDefault("version") == Version, path, $"version {Version} of the format", $"version {metadata.GetValueOrDefault("version")}");
        FileTensor hash = Tensor(file, Hash, "U8", [HashBytes]);
        Require(hash.Offset + HashBytes == file.Length, path, "its checksum at the end", "more bytes");
        byte[] stored = new byte[HashBytes];
        file.Read(hash, 0, stored);
        if (!file.HashBefore(hash).AsSpan().SequenceEqual(stored))
        {
            throw new GemmaVkException($"{path} is damaged: expected bytes with the SHA-256 {Convert.ToHexStringLower(stored)}, but others came; use a copy of it, or start a new conversation.");
        }
    }

    /// <summary>What full layers keep under a precision, whether it was chosen or not.</summary>
    private static string Kept(GemmaModel model, Forward.Precision precision) => model.Plan.Any(precision.KeepsValuesOnly) ? "values" : "both";

    /// <summary>The precision that a file gives, in the words of today: files of before had no word for a choice that was left open.</summary>
    private static string Said(string stored, GemmaModel model) => stored
        .Replace("full ,", $"full {Kept(model, model.Precision with { FullKv = null })},", StringComparison.Ordinal)
        .Replace("full KeysAndValues,", "full both,", StringComparison.Ordinal)
        .Replace("full Values,", "full values,", StringComparison.Ordinal);

    /// <summary>What the numbers in a cache depend on.</summary>
    private static string Precision(GemmaModel model)
    {
        Forward.Precision p = model.Precision;
        string formats = string.Join('+', new SortedSet<string>(model.Weights.Layers.Select(layer => layer.QProj.Format.ToString()), StringComparer.Ordinal));
        return $"kv {p.Kv}, full {Kept(model, p)}, angles {p.Angles}, activations {(p.QuantiseActivations == true ? "int8" : "float")}, weights {formats}, embedding {model.Weights.EmbedTokens.Format}";
    }

    private static SafetensorsEntry Entry(BufferHandle buffer, int rows) => new(
        buffer.Name,
        buffer.DType switch { DType.F32 => "F32", DType.F16 => "F16", DType.BF16 => "BF16", _ => "I8" },
        [buffer.Shape[0], rows, buffer.Shape[2]]);

    private static FileTensor Tensor(SafetensorsFile file, string name, string dtype, IReadOnlyList<long>? extents)
    {
        if (!file.Tensors.TryGetValue(name, out FileTensor? tensor))
        {
            throw Wrong(file.Path, $"a tensor {name}", "none");
        }

        Require(tensor.DType == dtype && (extents is null ? tensor.Extents.Count == 1 : tensor.Extents.SequenceEqual(extents)), file.Path, $"{name} as {dtype} [{(extents is null ? "n" : string.Join(", ", extents))}]", tensor.Kind);
        return tensor;
    }

    private static ReadOnlySpan<byte> Bytes(SafetensorsFile file, string name, string dtype, IReadOnlyList<long>? extents) =>
        file.Bytes(Tensor(file, name, dtype, extents));

    private static string[] Write(PlacedMedium placed) =>
        [placed.Medium.Kind.ToString(), $"{placed.First}", $"{placed.Medium.SoftRows}", placed.Medium.Identity.ToString("x32", CultureInfo.InvariantCulture)];

    private static List<PlacedMedium> ReadMedia(string json, string path, int n)
    {
        List<PlacedMedium> media = [];
        string[][] all;
        try
        {
            all = JsonSerializer.Deserialize(json, SessionJson.Default.StringArrayArray) ?? [];
        }
        catch (JsonException error)
        {
            throw new GemmaVkException($"{path}: expected a list of pictures and sounds as 'media', but it cannot be read ({error.Message}); save the conversation again, or start a new one.", error);
        }

        int free = 0;
        foreach (string[] entry in all)
        {
            Require(
                entry is [var kind, var first, var rows, var identity]
                && Enum.TryParse(kind, out MediumKind known) && Enum.IsDefined(known) && int.TryParse(first, CultureInfo.InvariantCulture, out int at) && int.TryParse(rows, CultureInfo.InvariantCulture, out int count)
                && at >= free && count > 0 && at <= n - count && UInt128.TryParse(identity, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out _),
                path,
                "kind, first row, rows and identity of each of 'media', in order and apart",
                "others");
            media.Add(new PlacedMedium(
                Medium.Remembered(Enum.Parse<MediumKind>(entry[0]), int.Parse(entry[2], CultureInfo.InvariantCulture), UInt128.Parse(entry[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture)),
                int.Parse(entry[1], CultureInfo.InvariantCulture)));
            free = media[^1].End;
        }

        return media;
    }

    private static void Require(bool met, string path, string expected, string came)
    {
        if (!met)
        {
            throw Wrong(path, expected, came);
        }
    }

    private static GemmaVkException Wrong(string path, string expected, string came) =>
        new($"{path}: expected {expected}, but {came} came; it is no session, or not one of this version. Save the conversation again, or start a new one.");
}
