using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace GemmaVk.Media.Tests.Field;

/// <summary>Makes files of the HEIF family from coded pictures: one, or a grid; with turns, mirrors and cuts.</summary>
internal sealed class HeifBuilder
{
    public string Brand { get; init; } = "heic";

    public string Coding { get; init; } = "hvc1";

    /// <summary>Coded pictures, in the order of the grid.</summary>
    public required IReadOnlyList<byte[]> Tiles { get; init; }

    /// <summary>The box that holds the decoder's parameters.</summary>
    public byte[] Parameters { get; init; } = [];

    public (int Width, int Height) TileSize { get; init; }

    /// <summary>Rows, columns and the size of what is seen; null for a single picture.</summary>
    public (int Rows, int Columns, int Width, int Height)? Grid { get; init; }

    /// <summary>Properties of the picture: irot, imir, clap, in order.</summary>
    public IReadOnlyList<byte[]> Shown { get; init; } = [];

    public static byte[] Box(string name, params byte[][] parts)
    {
        byte[] content = [.. parts.SelectMany(part => part)];
        return [.. Number(8 + content.Length, 4), .. Encoding.ASCII.GetBytes(name), .. content];
    }

    public static byte[] Number(long value, int width)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes[^width..];
    }

    public byte[] Build()
    {
        // Tiles are items 1 to n, the grid is n + 1 and lies in "idat".
        int count = Tiles.Count, primary = Grid is null ? 1 : count + 1;
        byte[] full = [0, 0, 0, 0];
        byte[] ftyp = Box("ftyp", Encoding.ASCII.GetBytes(Brand), new byte[4], "mif1"u8.ToArray());
        byte[] grid = Grid is { } g ? [0, 0, (byte)(g.Rows - 1), (byte)(g.Columns - 1), .. Number(g.Width, 2), .. Number(g.Height, 2)] : [];
        byte[] Infe(int id, string type) => Box("infe", [2, 0, 0, 0], Number(id, 2), [0, 0], Encoding.ASCII.GetBytes(type), [0]);
        byte[][] types = [.. Tiles.Select((_, i) => Infe(i + 1, Coding)), .. Grid is null ? (byte[][])[] : [Infe(primary, "grid")]];
        byte[] Size(int width, int height) => Box("ispe", full, Number(width, 4), Number(height, 4));
        List<byte[]> properties = [Size(TileSize.Width, TileSize.Height), Parameters, .. Grid is { } seen ? (byte[][])[Size(seen.Width, seen.Height)] : [], .. Shown];
        byte[] own = [.. Grid is null ? (byte[])[1, 2] : [3], .. Shown.Select((_, i) => (byte)((Grid is null ? 3 : 4) + i))];
        byte[] Ipma(int id, byte[] which) => [.. Number(id, 2), (byte)which.Length, .. which];
        byte[][] has = [.. Tiles.Select((_, i) => Ipma(i + 1, i + 1 == primary ? own : [1, 2])), .. Grid is null ? (byte[][])[] : [Ipma(primary, own)]];
        byte[] Meta(long data)
        {
            List<byte[]> places = [];
            foreach (byte[] tile in Tiles)
            {
                places.Add([.. Number(places.Count + 1, 2), 0, 0, 0, 0, 0, 1, .. Number(data, 4), .. Number(tile.Length, 4)]);
                data += tile.Length;
            }

            if (Grid is not null)
            {
                places.Add([.. Number(primary, 2), 0, 1, 0, 0, 0, 1, .. Number(0, 4), .. Number(grid.Length, 4)]);
            }

            return Box(
                "meta", full, Box("hdlr", full, new byte[4], "pict"u8.ToArray(), new byte[13]), Box("pitm", full, Number(primary, 2)),
                Box("iloc", [1, 0, 0, 0, 0x44, 0], Number(places.Count, 2), [.. places.SelectMany(place => place)]),
                Box("iinf", full, Number(types.Length, 2), [.. types.SelectMany(type => type)]),
                Grid is null ? [] : Box("iref", full, Box("dimg", Number(primary, 2), Number(count, 2), [.. Enumerable.Range(1, count).SelectMany(i => Number(i, 2))])),
                Box("iprp", Box("ipco", [.. properties.SelectMany(p => p)]), Box("ipma", full, Number(has.Length, 4), [.. has.SelectMany(h => h)])),
                Grid is null ? [] : Box("idat", grid));
        }

        byte[] meta = Meta(0);
        meta = Meta(ftyp.Length + meta.Length + 8);
        return [.. ftyp, .. meta, .. Box("mdat", [.. Tiles.SelectMany(tile => tile)])];
    }

    /// <summary>A picture coded as HEVC by ffmpeg, as it lies in a file, and its parameters.</summary>
    public static (byte[] Tile, byte[] Parameters) Hevc(string path)
    {
        List<byte[]> parts = [];
        byte[] stream = File.ReadAllBytes(path);
        for (int at = stream.AsSpan().IndexOf((ReadOnlySpan<byte>)[0, 0, 1]); at >= 0;)
        {
            int next = stream.AsSpan(at + 3).IndexOf((ReadOnlySpan<byte>)[0, 0, 1]);
            byte[] part = next < 0 ? stream[(at + 3)..] : stream[(at + 3)..(at + 3 + next)];
            parts.Add(next >= 0 && part[^1] == 0 ? part[..^1] : part);
            at = next < 0 ? -1 : at + 3 + next;
        }

        // Kinds 32 to 34 are parameters, below 32 a picture.
        byte[][] Of(int kind) => [.. parts.Where(part => ((part[0] >> 1) & 63) == kind)];
        byte[] Lists(int kind) => [(byte)kind, .. Number(Of(kind).Length, 2), .. Of(kind).SelectMany(part => (byte[])[.. Number(part.Length, 2), .. part])];
        byte[] hvcc = Box("hvcC", [1, .. new byte[20], 3, 3], Lists(32), Lists(33), Lists(34));
        return ([.. parts.Where(part => ((part[0] >> 1) & 63) < 32).SelectMany(part => (byte[])[.. Number(part.Length, 4), .. part])], hvcc);
    }
}
