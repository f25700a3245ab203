using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Xml;
using GemmaVk.Tensors;
using static System.FormattableString;

namespace GemmaVk.Documents.Formats;

/// <summary>
/// The parts of a packed document. How many there are, how much they unpack to, and how much of it comes of one byte is bounded while they are unpacked: what the
/// archive says of itself is not believed. XML is read without DTDs and to a bounded depth.
/// </summary>
internal sealed class ZipParts : IDisposable
{
    private const int Free = 1 << 20;

    private readonly ZipArchive _archive;
    private readonly string _name;
    private readonly DocumentLimits _limits;
    private long _unpacked;

    /// <param name="bytes">The file.</param>
    /// <param name="name">For messages.</param>
    /// <param name="limits">What unpacking may cost.</param>
    /// <exception cref="GemmaVkException">It is no archive, or has too many parts.</exception>
    public ZipParts(byte[] bytes, string name, DocumentLimits limits)
    {
        (_name, _limits) = (name, limits);
        CheckCount(bytes);
        try
        {
            _archive = new ZipArchive(new MemoryStream(bytes, writable: false), ZipArchiveMode.Read);
            Names = [.. _archive.Entries.Select(entry => entry.FullName)];
        }
        catch (Exception error) when (error is InvalidDataException or IOException or ArgumentException or NotSupportedException)
        {
            throw Damaged(error);
        }
    }

    /// <summary>Names of the parts.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>A part's bytes, or null where there is none of that name.</summary>
    /// <exception cref="GemmaVkException">It is damaged, encrypted, or unpacks to more than it may.</exception>
    public byte[]? Read(string part)
    {
        if (_archive.GetEntry(part) is not { } entry)
        {
            return null;
        }

        try
        {
            using Stream from = entry.Open();
            using MemoryStream to = new();
            byte[] block = new byte[1 << 16];
            for (int came; (came = from.Read(block)) > 0;)
            {
                _unpacked += came;
                if (_unpacked > _limits.UnpackedBytes || (to.Length + came > Free && to.Length + came > (entry.CompressedLength + 1) * _limits.Ratio))
                {
                    throw new GemmaVkException(Invariant(
                        $"{_name}: expected parts that unpack to at most {_limits.UnpackedBytes:N0} bytes and {_limits.Ratio} times their size, but {part} unpacks to more; it may be made to fill the memory: leave it out."));
                }

                to.Write(block, 0, came);
            }

            return to.ToArray();
        }
        catch (Exception error) when (error is InvalidDataException or IOException or NotSupportedException or ArgumentException)
        {
            throw Damaged(error);
        }
    }

    /// <summary>Reads a part as XML.</summary>
    /// <exception cref="GemmaVkException">There is none, or it is not well formed, has a DTD, or is nested too deep.</exception>
    public void ReadXml(string part, Action<XmlReader> each)
    {
        byte[] bytes = Read(part) ?? throw Lacks(part);
        try
        {
            using XmlReader xml = XmlReader.Create(new MemoryStream(bytes, writable: false), new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Prohibit,
                XmlResolver = null,
                MaxCharactersFromEntities = 1024,
                MaxCharactersInDocument = _limits.UnpackedBytes,
                IgnoreComments = true,
                IgnoreProcessingInstructions = true,
            });
            while (xml.Read())
            {
                if (xml.Depth > _limits.Depth)
                {
                    throw new GemmaVkException(Invariant($"{_name}: expected elements nested at most {_limits.Depth} deep, but {part} nests deeper; save it again with the program that made it."));
                }

                each(xml);
            }
        }
        catch (XmlException error) when (error.Message.Contains("DTD", StringComparison.Ordinal))
        {
            throw new GemmaVkException($"{_name}: expected {part} without a document type (DTD), which no document of its kind has, but it has one; it may be made to read other files: leave it out.", error);
        }
        catch (Exception error) when (error is XmlException or IOException or ArgumentException or InvalidOperationException)
        {
            throw Damaged(error);
        }
    }

    /// <summary>The error for a part that must be there.</summary>
    public GemmaVkException Lacks(string part) => new($"{_name}: expected {part} in it, as a document of its kind has, but there is none; check what it is, or save it again.");

    /// <inheritdoc/>
    public void Dispose() => _archive.Dispose();

    private GemmaVkException Damaged(Exception error) =>
        new($"{_name}: expected a whole packed document, but it is damaged or encrypted ({Complaint.Of(error).TrimEnd('.')}); get it again, or save it without a password.", error);

    // The list of parts is made before it can be counted, so its records are counted first, where they lie: 46 bytes each at least.
    private void CheckCount(ReadOnlySpan<byte> bytes)
    {
        int count = 0;
        for (int at = 0; (at = Next(bytes, at)) >= 0; at += 46)
        {
            if (++count > _limits.Entries)
            {
                throw new GemmaVkException(Invariant($"{_name}: expected at most {_limits.Entries:N0} parts, but it has more; it may be made to fill the memory: leave it out."));
            }
        }
    }

    private static int Next(ReadOnlySpan<byte> bytes, int from)
    {
        int found = from < bytes.Length ? bytes[from..].IndexOf("PK\x01\x02"u8) : -1;
        return found < 0 ? -1 : from + found;
    }
}
