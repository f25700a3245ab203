using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using GemmaVk.Tensors;
using GemmaVk.Text;
using Microsoft.Extensions.AI;

namespace GemmaVk;

/// <summary>
/// Pictures, sounds and clips as <see cref="IChatClient"/> carries them: bytes, or addresses of files on this machine. Every call carries the
/// whole conversation, so what was read last is kept.
/// </summary>
internal sealed class ContentReader(MediaLoader loader)
{
    private const int MostKept = 16;
    private const int LongestShown = 200;
    private readonly Dictionary<string, LoadedMedia> _kept = [];

    /// <summary>The parts of a content: one, or several where a sound is long or heard between frames.</summary>
    /// <param name="content">Bytes, or an address.</param>
    /// <param name="notes">Gets what is not to be passed over.</param>
    /// <exception cref="GemmaVkException">It is no media, an address elsewhere, or cannot be read.</exception>
    public IReadOnlyList<MessagePart> Read(AIContent content, ICollection<string> notes)
    {
        LoadedMedia media = Load(content);
        if (media.Note is { } note)
        {
            notes.Add($"{media.Name}: {media.Source}; {note}");
        }

        return media.Parts;
    }

    private LoadedMedia Load(AIContent content) => content switch
    {
        DataContent data => Kept(
            Convert.ToHexString(SHA256.HashData(data.Data.Span)) + data.MediaType,
            () => loader.Load(KindOf(data.MediaType), new MemoryStream(Bytes(data.Data), writable: false), data.Name ?? $"content of type {data.MediaType}")),
        UriContent address => OfAddress(address),
        _ => throw new GemmaVkException($"message content {content.GetType().Name}: expected bytes or the address of a file. Take it out of the message."),
    };

    private LoadedMedia OfAddress(UriContent content)
    {
        if (!content.Uri.IsAbsoluteUri || !content.Uri.IsFile || content.Uri.IsUnc)
        {
            // An address may hold the whole file.
            string address = content.Uri.OriginalString;
            string shown = address.Length <= LongestShown ? address : address[..LongestShown] + "...";
            throw new GemmaVkException(address.StartsWith("data:", StringComparison.OrdinalIgnoreCase)
                ? $"message content {shown}: expected a file: address on this machine; give an address that holds its data as DataContent."
                : $"message content {shown}: expected a file: address on this machine, because nothing is ever fetched; download it first, and give file: or its bytes.");
        }

        FileInfo file;
        try
        {
            file = new(content.Uri.LocalPath);
        }
        catch (Exception error) when (error is ArgumentException or IOException or NotSupportedException)
        {
            throw new GemmaVkException($"message content {content.Uri}: expected the address of a file, but {Complaint.Of(error)} Give its path.", error);
        }

        string key = $"{file.FullName}|{content.MediaType}|{(file.Exists ? $"{file.Length}|{file.LastWriteTimeUtc.Ticks}" : "")}";
        return Kept(key, () => loader.Load(KindOf(content.MediaType), file.FullName));
    }

    // Calls run side by side: two that read the same file at once both do.
    private LoadedMedia Kept(string key, Func<LoadedMedia> read)
    {
        lock (_kept)
        {
            if (_kept.TryGetValue(key, out LoadedMedia? known))
            {
                return known;
            }
        }

        LoadedMedia media = read();
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

    private static ChatPartKind KindOf(string mediaType) => mediaType.Split('/')[0].ToLowerInvariant() switch
    {
        "image" => ChatPartKind.Image,
        "audio" => ChatPartKind.Audio,
        "video" => ChatPartKind.Video,
        "" => throw new GemmaVkException("message content without a media type: expected image/..., audio/... or video/...; give one."),
        _ => throw new GemmaVkException($"message content of type {mediaType}: expected image/..., audio/... or video/...; give text as TextContent, or take it out of the message."),
    };

    private static byte[] Bytes(ReadOnlyMemory<byte> data) =>
        MemoryMarshal.TryGetArray(data, out ArraySegment<byte> array) && array.Offset == 0 && array.Count == array.Array!.Length ? array.Array : data.ToArray();
}
