using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Threading;
using GemmaVk.Server.Http;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Server.Answers;

/// <summary>
/// Pictures, sounds and clips of requests: as data in them, or as files below the folders that were named. Nothing is ever fetched. What was read last
/// is kept, because every request carries the whole conversation.
/// </summary>
/// <param name="loader">Makes what reads them, for what a request wants.</param>
/// <param name="options">Limits and folders.</param>
internal sealed class MediaStore(Func<MediaWish, MediaLoader> loader, ServerOptions options)
{
    private const int MostKept = 16;
    private readonly Dictionary<string, LoadedMedia> _kept = [];
    private readonly string[] _roots = [.. options.MediaRoots.Select(root => Path.TrimEndingDirectorySeparator(Real(Path.GetFullPath(root))) + Path.DirectorySeparatorChar)];

    /// <summary>What an address stands for: "data:TYPE;base64,..." or "file:///...".</summary>
    /// <param name="kind">What it must be, or null for what its bytes are.</param>
    /// <param name="address">The address.</param>
    /// <param name="param">The field that has it.</param>
    /// <param name="wish">How much is wanted of it.</param>
    /// <param name="cancel">Ends reading.</param>
    public LoadedMedia OfAddress(ChatPartKind? kind, string address, string param, MediaWish wish, CancellationToken cancel)
    {
        if (address.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            int comma = address.IndexOf(',', StringComparison.Ordinal);
            return comma < 0 || !address.AsSpan(0, comma).EndsWith(";base64", StringComparison.OrdinalIgnoreCase)
                ? throw ApiException.Field(param, $"{param}: expected data:TYPE;base64,DATA, but {Short(address)} came; encode the bytes as base64.")
                : OfBase64(kind, address.AsSpan(comma + 1), param, wish, cancel);
        }

        if (address.StartsWith("http:", StringComparison.OrdinalIgnoreCase) || address.StartsWith("https:", StringComparison.OrdinalIgnoreCase))
        {
            throw ApiException.Field(param, $"{param}: nothing is ever fetched, but {Short(address)} came; download it, and send it as data:TYPE;base64,DATA.", "media_not_fetched");
        }

        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || !uri.IsFile || uri.IsUnc)
        {
            throw ApiException.Field(param, $"{param}: expected data:TYPE;base64,DATA, but {Short(address)} came.");
        }

        string path = Real(Path.GetFullPath(uri.LocalPath));
        if (!_roots.Any(root => path.StartsWith(root, StringComparison.Ordinal)))
        {
            throw ApiException.Field(param, $"{param}: {Short(address)} lies below no folder of --media-root; send the bytes as data:TYPE;base64,DATA.", "media_not_allowed");
        }

        FileInfo file = new(path);
        return !file.Exists ? throw ApiException.Field(param, $"{param}: there is no file {Short(address)}.")
            : Kept($"{kind}|{wish}|{path}|{file.Length}|{file.LastWriteTimeUtc.Ticks}", param, () => loader(wish).Load(kind ?? MediaLoader.KindOf(path), path, cancel));
    }

    /// <summary>What base64 stands for.</summary>
    public LoadedMedia OfBase64(ChatPartKind? kind, ReadOnlySpan<char> base64, string param, MediaWish wish, CancellationToken cancel)
    {
        byte[] bytes = new byte[(base64.Length / 4 * 3) + 3];
        return Convert.TryFromBase64Chars(base64, bytes, out int count)
            ? OfBytes(kind, bytes.AsMemory(0, count), param, wish, cancel)
            : throw ApiException.Field(param, $"{param}: expected base64, but a character or a length that it cannot have came; encode the bytes again.", "invalid_base64");
    }

    /// <summary>What bytes are.</summary>
    public LoadedMedia OfBytes(ChatPartKind? kind, ReadOnlyMemory<byte> bytes, string param, MediaWish wish, CancellationToken cancel)
    {
        string key = $"{kind}|{wish}|{Convert.ToHexString(SHA256.HashData(bytes.Span))}";
        MemoryStream Stream() => new(bytes.ToArray(), writable: false);
        return Kept(key, param, () => kind is { } known ? loader(wish).Load(known, Stream(), param, cancel) : loader(wish).Load(Stream(), param, cancel));
    }

    private LoadedMedia Kept(string key, string param, Func<LoadedMedia> read)
    {
        lock (_kept)
        {
            if (_kept.TryGetValue(key, out LoadedMedia? known))
            {
                return known;
            }
        }

        LoadedMedia media;
        try
        {
            media = read();
        }
        catch (GemmaVkException error)
        {
            throw new ApiException(400, error.Message, param, "invalid_media");
        }

        lock (_kept)
        {
            if (_kept.Count >= MostKept)
            {
                _kept.Clear();
            }

            _kept[key] = media;
        }

        return media;
    }

    private static string Short(string address) => address.Length <= 60 ? address : address[..57] + "...";

    /// <summary>A path with its links followed, so that none leads out of a folder.</summary>
    private static string Real(string path)
    {
        string real = Path.GetPathRoot(path)!;
        foreach (string part in path[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            string next = Path.Combine(real, part);
            FileSystemInfo entry = Directory.Exists(next) ? new DirectoryInfo(next) : new FileInfo(next);
            real = entry.LinkTarget is null ? next : entry.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? next;
        }

        return real;
    }
}
