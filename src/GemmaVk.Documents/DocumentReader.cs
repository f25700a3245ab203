using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using GemmaVk.Documents.Formats;
using GemmaVk.Documents.Pdf;
using GemmaVk.Tensors;
using static System.FormattableString;

namespace GemmaVk.Documents;

/// <summary>Reads documents: files, or bytes that are in none. What a library throws about a bad one is a sentence here.</summary>
public static class DocumentReader
{
    private static readonly Dictionary<string, DocumentKind> ByEnding = new(StringComparer.OrdinalIgnoreCase)
    {
        [".md"] = DocumentKind.Markdown,
        [".markdown"] = DocumentKind.Markdown,
        [".html"] = DocumentKind.Html,
        [".htm"] = DocumentKind.Html,
        [".xhtml"] = DocumentKind.Html,
        [".csv"] = DocumentKind.Csv,
        [".tsv"] = DocumentKind.Csv,
    };

    // White space, and the bytes of a mark of UTF-8.
    private static ReadOnlySpan<byte> Blank => [0xEF, 0xBB, 0xBF, 0x20, 0x09, 0x0D, 0x0A];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="pages">Which pages; null for all. Only for kinds with pages.</param>
    /// <param name="limits">What it may cost; null for the default.</param>
    /// <param name="cancel">Ends reading.</param>
    /// <exception cref="GemmaVkException">It is missing, too large, damaged, encrypted, binary or changes meanwhile.</exception>
    public static Document Read(string path, PageRange? pages = null, DocumentLimits? limits = null, CancellationToken cancel = default) =>
        Read(Bytes(path, limits ?? DocumentLimits.Default), Path.GetFileName(path), pages, limits, cancel);

    /// <summary>Reads bytes. What they are is told by themselves, and by the name's ending where several kinds of text are possible.</summary>
    /// <param name="bytes">The whole file; not changed, and kept only as <see cref="Document.Source"/>.</param>
    /// <param name="name">What it is called in citations and messages.</param>
    /// <param name="pages">Which pages; null for all. Only for kinds with pages.</param>
    /// <param name="limits">What it may cost; null for the default.</param>
    /// <param name="cancel">Ends reading.</param>
    /// <exception cref="GemmaVkException">As for files.</exception>
    public static Document Read(byte[] bytes, string name, PageRange? pages = null, DocumentLimits? limits = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        limits ??= DocumentLimits.Default;
        name = VisibleText.Line(name);
        if (bytes.Length > limits.FileBytes)
        {
            throw TooLarge(name, bytes.Length, limits);
        }

        DocumentKind kind = KindOf(bytes, name);
        if (kind == DocumentKind.Pdf)
        {
            return PdfText.Read(bytes, name, pages ?? PageRange.All, limits, cancel);
        }

        if (pages is { Text.Length: > 0 })
        {
            throw new GemmaVkException($"{name}: expected a PDF, because pages {pages.Text} are asked for, but {kind.ToString().ToUpperInvariant()} has none; leave the pages out.");
        }

        BlockList blocks = new(name, limits);
        List<string> notes = [];
        if (kind is DocumentKind.Docx or DocumentKind.Odt or DocumentKind.Epub)
        {
            ReadPacked(bytes, name, kind, blocks, notes, limits);
        }
        else
        {
            string text = TextDecoding.Of(bytes, name, out string? note);
            if (note is not null)
            {
                notes.Add(note);
            }

            ReadText(text, kind, blocks);
        }

        return new Document(name, kind, blocks.Blocks, 0, [], notes);
    }

    /// <summary>What bytes are.</summary>
    /// <exception cref="GemmaVkException">They are nothing that is read.</exception>
    public static DocumentKind KindOf(ReadOnlySpan<byte> bytes, string name)
    {
        // Some programs write before the mark; a reader of PDF looks through the first kilobyte.
        if (bytes[..Math.Min(bytes.Length, 1024)].IndexOf("%PDF-"u8) >= 0)
        {
            return DocumentKind.Pdf;
        }

        if (bytes.StartsWith("PK\x03\x04"u8) || bytes.StartsWith("PK\x05\x06"u8))
        {
            return PackedKind(bytes, name);
        }

        if (ByEnding.TryGetValue(Path.GetExtension(name), out DocumentKind kind))
        {
            return kind;
        }

        ReadOnlySpan<byte> start = bytes[..Math.Min(bytes.Length, 256)].TrimStart(Blank);
        return start.StartsWith("<!DOCTYPE html"u8) || start.StartsWith("<!doctype html"u8) || start.StartsWith("<html"u8) ? DocumentKind.Html : DocumentKind.Text;
    }

    /// <summary>The bytes of a file in one look: one that changes meanwhile is refused.</summary>
    internal static byte[] Bytes(string path, DocumentLimits limits)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Contains("://", StringComparison.Ordinal))
        {
            throw new GemmaVkException($"{path}: expected a file on this machine, but it is an address, and nothing is ever fetched; download it first and give the file's path.");
        }

        if (Directory.Exists(path))
        {
            throw new GemmaVkException($"{path}: expected a document, but it is a folder; give a file in it, or the whole folder with --docs.");
        }

        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (!file.CanSeek)
            {
                throw new GemmaVkException($"{path}: expected a file, but it is a pipe or a device; put it into a file first.");
            }

            long length = file.Length;
            if (length > limits.FileBytes)
            {
                throw TooLarge(path, length, limits);
            }

            byte[] bytes = new byte[length];
            int came = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return came == length && file.Length == length
                ? bytes
                : throw new GemmaVkException($"{path}: expected a file that stays as it is while it is read, but it changed; try again when nothing writes to it.");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new GemmaVkException($"{path}: expected a document, but there is no such file; check the path.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new GemmaVkException($"{path}: expected a readable file, but opening it failed: {Complaint.Of(error)} Check the path and its permissions.", error);
        }
    }

    private static DocumentKind PackedKind(ReadOnlySpan<byte> bytes, string name)
    {
        ReadOnlySpan<byte> start = bytes[..Math.Min(bytes.Length, 200)];
        return start.IndexOf("application/epub+zip"u8) >= 0 ? DocumentKind.Epub
            : start.IndexOf("application/vnd.oasis.opendocument.text"u8) >= 0 ? DocumentKind.Odt
            : bytes.IndexOf("word/document.xml"u8) >= 0 ? DocumentKind.Docx
            : bytes.IndexOf("META-INF/container.xml"u8) >= 0 ? DocumentKind.Epub
            : bytes.IndexOf("content.xml"u8) >= 0 ? DocumentKind.Odt
            : throw new GemmaVkException($"{name}: expected a DOCX, ODT or EPUB, but it is a ZIP archive of other files; unpack it and give the documents in it.");
    }

    private static void ReadPacked(byte[] bytes, string name, DocumentKind kind, BlockList blocks, List<string> notes, DocumentLimits limits)
    {
        using ZipParts parts = new(bytes, name, limits);
        switch (kind)
        {
            case DocumentKind.Docx:
                new DocxText(parts, blocks).Read();
                break;
            case DocumentKind.Odt:
                new OdtText(parts, blocks).Read();
                break;
            default:
                EpubText.Read(parts, blocks, notes, name);
                break;
        }
    }

    private static void ReadText(string text, DocumentKind kind, BlockList blocks)
    {
        switch (kind)
        {
            case DocumentKind.Html:
                new HtmlText(blocks).Read(text);
                break;
            case DocumentKind.Csv:
                CsvText.Read(text, blocks);
                break;
            default:
                PlainText.Read(text, kind == DocumentKind.Markdown, blocks);
                break;
        }
    }

    private static GemmaVkException TooLarge(string name, long length, DocumentLimits limits) =>
        new(Invariant($"{name}: expected a document of at most {limits.FileBytes:N0} bytes, but it has {length:N0}; split it, or take its text out first."));
}
