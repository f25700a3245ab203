using System;
using System.Collections.Generic;
using System.IO;
using GemmaVk.Tensors;

namespace GemmaVk.Media.Heif;

/// <summary>
/// The items of an AVIF or HEIC file (ISO/IEC 23008-12), which ffmpeg reads by version: 5.1 takes one tile of a grid for the picture and no HEIC,
/// and none that is common obeys its turns. So the container is read here, and ffmpeg decodes the streams in it.
/// <code>
/// ftyp | meta: pitm, the item that is the picture | iinf, type of each item | iloc, where its bytes are | iref, "dimg" made of, "auxl" auxiliary of
///              iprp: ipco, properties | ipma, which item has which        | idat, bytes of small items
/// </code>
/// </summary>
internal sealed class HeifFile
{
    // The specification has 16-bit identifiers in version 0; no camera writes a thousand items.
    private const int MostItems = 1 << 16;

    private readonly byte[] _file;
    private readonly string _path;
    private readonly Dictionary<uint, HeifItem> _items = [];
    private readonly List<(uint Name, byte[] Content)> _properties = [];
    private byte[] _idat = [];

    private HeifFile(byte[] file, string path)
    {
        _file = file;
        _path = path;
    }

    /// <summary>The item that is the picture.</summary>
    public uint Primary { get; private set; }

    /// <summary>Reads the boxes.</summary>
    /// <returns>Null where the file has a track of pictures alone, or none of both.</returns>
    /// <exception cref="GemmaVkException">A box is damaged.</exception>
    public static HeifFile? Read(byte[] file, string path)
    {
        BoxReader boxes = new(file, path);
        HeifFile heif = new(file, path);
        while (heif.Primary == 0 && boxes.TryBox(out uint name, out ReadOnlySpan<byte> content))
        {
            if (name == BoxReader.Letters("meta"u8))
            {
                heif.ReadMeta(content);
            }
        }

        return heif.Primary == 0 ? null : heif;
    }

    public HeifItem Find(uint id) => _items.TryGetValue(id, out HeifItem? item) ? item : throw BoxReader.Bad(_path, $"a picture made of item {id}, which is not there");

    /// <summary>The alpha of an item, or null.</summary>
    public HeifItem? AlphaOf(uint id)
    {
        foreach (HeifItem item in _items.Values)
        {
            if (item.AuxiliaryOf == id && Property(item, "auxC"u8) is { } kind && kind.AsSpan().IndexOf("alpha"u8) >= 0 | IsOldAlpha(kind))
            {
                return item;
            }
        }

        return null;
    }

    /// <summary>An item's bytes.</summary>
    public byte[] BytesOf(HeifItem item)
    {
        byte[] from = item.InIdat switch
        {
            true => _idat,
            false => _file,
            null => throw BoxReader.Bad(_path, "an item whose bytes are made of other items'"),
        };
        long sum = 0;
        foreach ((long offset, long length) in item.Extents)
        {
            sum += length;
            if (offset > from.Length || length > from.Length - offset || sum > _file.Length)
            {
                throw BoxReader.Bad(_path, "items beyond its end (a truncated download?)");
            }
        }

        using MemoryStream bytes = new((int)sum);
        foreach ((long offset, long length) in item.Extents)
        {
            // A length of 0 says "to the end".
            bytes.Write(from.AsSpan((int)offset, (int)(length == 0 && item.Extents.Count == 1 ? from.Length - offset : length)));
        }

        return bytes.ToArray();
    }

    /// <summary>The content of an item's first property of a name, or null.</summary>
    public byte[]? Property(HeifItem item, ReadOnlySpan<byte> name)
    {
        uint wanted = BoxReader.Letters(name);
        foreach (int index in item.Properties)
        {
            if (_properties[index].Name == wanted)
            {
                return _properties[index].Content;
            }
        }

        return null;
    }

    /// <summary>An item's properties in the order in which they apply.</summary>
    public IEnumerable<(uint Name, byte[] Content)> Properties(HeifItem item)
    {
        foreach (int index in item.Properties)
        {
            yield return _properties[index];
        }
    }

    /// <summary>Columns and rows that an item says it has.</summary>
    public (long Width, long Height) SizeOf(HeifItem item)
    {
        BoxReader size = new(Property(item, "ispe"u8) ?? throw BoxReader.Bad(_path, "a picture that does not say its size"), _path);
        size.Version();
        return (size.Number(4), size.Number(4));
    }

    // The older name of alpha, of the time when only HEVC was in these files.
    private static bool IsOldAlpha(byte[] kind) => kind.AsSpan().IndexOf("hevc:2015:auxid:1"u8) >= 0;

    private void ReadMeta(ReadOnlySpan<byte> meta)
    {
        BoxReader boxes = new(meta, _path);
        boxes.Version();
        List<(uint Item, int Property)> associations = [];
        uint primary = 0;
        bool pictures = false;
        while (boxes.TryBox(out uint name, out ReadOnlySpan<byte> content))
        {
            BoxReader box = new(content, _path);
            if (name == BoxReader.Letters("hdlr"u8))
            {
                box.Bytes(8);
                pictures = box.Name() == BoxReader.Letters("pict"u8);
            }
            else if (name == BoxReader.Letters("pitm"u8))
            {
                primary = (uint)box.Number(box.Version().Version == 0 ? 2 : 4);
            }
            else if (name == BoxReader.Letters("iinf"u8))
            {
                ReadTypes(box);
            }
            else if (name == BoxReader.Letters("iloc"u8))
            {
                ReadPlaces(box);
            }
            else if (name == BoxReader.Letters("iref"u8))
            {
                ReadReferences(box);
            }
            else if (name == BoxReader.Letters("iprp"u8))
            {
                ReadProperties(box, associations);
            }
            else if (name == BoxReader.Letters("idat"u8))
            {
                _idat = content.ToArray();
            }
        }

        foreach ((uint item, int property) in associations)
        {
            // Properties are counted from 1; 0 is none.
            if (property > _properties.Count)
            {
                throw BoxReader.Bad(_path, $"an item with property {property} of {_properties.Count}");
            }

            if (property > 0)
            {
                Item(item).Properties.Add(property - 1);
            }
        }

        Primary = pictures ? primary : 0;
    }

    private HeifItem Item(uint id)
    {
        if (!_items.TryGetValue(id, out HeifItem? item))
        {
            item = new HeifItem();
            _items.Add(id, _items.Count < MostItems ? item : throw BoxReader.Bad(_path, $"more than {MostItems} items"));
        }

        return item;
    }

    private void ReadTypes(BoxReader box)
    {
        long count = box.Number(box.Version().Version == 0 ? 2 : 4);
        for (long i = 0; i < count && box.TryBox(out uint name, out ReadOnlySpan<byte> content); i++)
        {
            BoxReader entry = new(content, _path);
            int version = entry.Version().Version;
            if (name == BoxReader.Letters("infe"u8) && version >= 2)
            {
                uint id = (uint)entry.Number(version == 2 ? 2 : 4);
                entry.Number(2);
                Item(id).Type = entry.Name();
            }
        }
    }

    private void ReadPlaces(BoxReader box)
    {
        int version = box.Version().Version;
        int widths = (int)box.Number(2);
        (int offsetWidth, int lengthWidth, int baseWidth, int indexWidth) = (widths >> 12, (widths >> 8) & 15, (widths >> 4) & 15, version > 0 ? widths & 15 : 0);
        if (Math.Max(Math.Max(offsetWidth, lengthWidth), Math.Max(baseWidth, indexWidth)) > 8)
        {
            throw BoxReader.Bad(_path, "places of more than 8 bytes");
        }

        long count = box.Number(version < 2 ? 2 : 4);
        for (long i = 0; i < count; i++)
        {
            HeifItem item = Item((uint)box.Number(version < 2 ? 2 : 4));
            int method = version > 0 ? (int)box.Number(2) & 15 : 0;
            item.InIdat = method switch { 0 => false, 1 => true, _ => null };
            box.Number(2);
            long start = box.Number(baseWidth);
            long extents = box.Number(2);
            for (long j = 0; j < extents; j++)
            {
                box.Number(indexWidth);
                long offset = box.Number(offsetWidth);
                item.Extents.Add((start <= long.MaxValue - offset ? start + offset : long.MaxValue, box.Number(lengthWidth)));
            }
        }
    }

    private void ReadReferences(BoxReader box)
    {
        int width = box.Version().Version == 0 ? 2 : 4;
        while (box.TryBox(out uint name, out ReadOnlySpan<byte> content))
        {
            BoxReader reference = new(content, _path);
            HeifItem from = Item((uint)reference.Number(width));
            long count = reference.Number(2);
            for (long i = 0; i < count; i++)
            {
                uint to = (uint)reference.Number(width);
                if (name == BoxReader.Letters("dimg"u8))
                {
                    from.MadeOf.Add(to);
                }
                else if (name == BoxReader.Letters("auxl"u8))
                {
                    from.AuxiliaryOf = to;
                }
            }
        }
    }

    private void ReadProperties(BoxReader box, List<(uint Item, int Property)> associations)
    {
        while (box.TryBox(out uint name, out ReadOnlySpan<byte> content))
        {
            BoxReader inner = new(content, _path);
            if (name == BoxReader.Letters("ipco"u8))
            {
                while (inner.TryBox(out uint property, out ReadOnlySpan<byte> value))
                {
                    _properties.Add(_properties.Count < MostItems ? (property, value.ToArray()) : throw BoxReader.Bad(_path, $"more than {MostItems} properties"));
                }
            }
            else if (name == BoxReader.Letters("ipma"u8))
            {
                (int version, int flags) = inner.Version();
                int width = (flags & 1) != 0 ? 2 : 1;
                long count = inner.Number(4);
                for (long i = 0; i < count; i++)
                {
                    uint item = (uint)inner.Number(version == 0 ? 2 : 4);
                    for (long j = inner.Number(1); j > 0; j--)
                    {
                        // The highest bit says whether a reader must understand it.
                        associations.Add((item, (int)inner.Number(width) & ((1 << ((8 * width) - 1)) - 1)));
                    }
                }
            }
        }
    }
}
