using System;
using System.IO;
using System.Linq;
using FsCheck.Xunit;
using GemmaVk.Shared;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Media.Tests.Field;

/// <summary>AVIF and HEIC: single pictures and grids, as they are to be seen, with any ffmpeg that has the decoder.</summary>
[Collection("ffmpeg")]
public class HeifTests
{
    private static readonly byte[] Grid = File.ReadAllBytes(Golden.Field("pictures", "grid.avif"));

    [FfmpegFact]
    public void ThePicturesOfTheField()
    {
        Picture one = PictureFile.Read(Golden.Field("pictures", "one.avif")), grid = PictureFile.Read(Golden.Field("pictures", "grid.avif"));
        Assert.Equal((192, 288), (one.Height, one.Width));
        Assert.Equal((384, 576), (grid.Height, grid.Width));
        Made.AssertSquares(one);
        Made.AssertSquares(grid);
    }

    [FfmpegFact]
    public void AvifOfFfmpegItself()
    {
        using TemporaryFolder folder = new();
        Made.By("-f", "lavfi", "-i", Made.Squares, "-frames:v", "1", "-c:v", "libaom-av1", "-cpu-used", "8", "-crf", "10", folder["a.avif"]);
        Made.AssertSquares(PictureFile.Read(folder["a.avif"]));
        // A sequence: the first picture counts.
        Made.By("-f", "lavfi", "-i", Made.Squares, "-frames:v", "3", "-c:v", "libaom-av1", "-cpu-used", "8", "-crf", "10", folder["b.avif"]);
        Made.AssertSquares(PictureFile.Read(folder["b.avif"]));
        byte[] whole = File.ReadAllBytes(folder["a.avif"]);
        Assert.Contains("truncated download", Error(() => PictureFile.Read(folder.Write("c.avif", whole[..^20]))), StringComparison.Ordinal);
    }

    [FfmpegFact]
    public void HeicOfOnePictureTurnedMirroredAndCut()
    {
        using TemporaryFolder folder = new();
        (byte[] tile, byte[] parameters) = Coded(folder, Made.Squares);
        HeifBuilder builder = new() { Tiles = [tile], Parameters = parameters, TileSize = (288, 192) };
        Picture Read(params byte[][] shown) => PictureFile.Read(folder.Write("a.heic", new HeifBuilder { Tiles = [tile], Parameters = parameters, TileSize = (288, 192), Shown = shown }.Build()));
        Made.AssertSquares(Read());
        Assert.Equal("HEIF picture", MediaKind.Of(folder.Write("b.heic", builder.Build())).ToString());

        // A quarter to the left: red, at the top left, comes to the bottom left.
        Picture left = Read(HeifBuilder.Box("irot", [1]));
        Assert.Equal((288, 192), (left.Height, left.Width));
        Made.AssertColor(left, 0.25, 5.0 / 6, 'r');
        Picture right = Read(HeifBuilder.Box("irot", [3]));
        Made.AssertColor(right, 0.75, 1.0 / 6, 'r');
        Picture upsideDown = Read(HeifBuilder.Box("imir", [0]));
        Made.AssertColor(upsideDown, 1.0 / 6, 0.75, 'r');
        Picture mirrored = Read(HeifBuilder.Box("imir", [1]));
        Made.AssertColor(mirrored, 5.0 / 6, 0.25, 'r');

        // The left half alone.
        byte[] half = [.. new[] { 144, 1, 192, 1, -72, 1, 0, 1 }.SelectMany(value => HeifBuilder.Number(value, 4))];
        Picture cut = Read(HeifBuilder.Box("clap", half));
        Assert.Equal((192, 144), (cut.Height, cut.Width));
        Made.AssertColor(cut, 1.0 / 3, 0.25, 'r');
        Assert.Contains("cut beyond", Error(() => Read(HeifBuilder.Box("clap", [.. half[..19], 1, .. half[20..]]))), StringComparison.Ordinal);
    }

    // As telephones store them: tiles that reach beyond the picture, and a turn of the whole.
    [FfmpegFact]
    public void AGridIsOnePicture()
    {
        using TemporaryFolder folder = new();
        string[] corners = ["0:0", "160:0", "0:128", "160:128"];
        (byte[] Tile, byte[] Parameters)[] tiles = [.. corners.Select(corner => Coded(folder, $"{Made.Squares},pad=320:256:color=white,crop=160:128:{corner}"))];
        byte[] Build(int count, params byte[][] shown) => new HeifBuilder
        {
            Tiles = [.. tiles.Take(count).Select(tile => tile.Tile)],
            Parameters = tiles[0].Parameters,
            TileSize = (160, 128),
            Grid = (2, 2, 288, 192),
            Shown = shown,
        }.Build();
        Made.AssertSquares(PictureFile.Read(folder.Write("a.heic", Build(4))));
        Made.AssertColor(PictureFile.Read(folder.Write("b.heic", Build(4, HeifBuilder.Box("irot", [3])))), 0.75, 1.0 / 6, 'r');
        Assert.Contains("2 x 2 tiles with 3 in it", Error(() => PictureFile.Read(folder.Write("c.heic", Build(3)))), StringComparison.Ordinal);
    }

    [FfmpegFact]
    public void WhatIsNotReadIsNamed()
    {
        using TemporaryFolder folder = new();
        byte[] other = new HeifBuilder { Tiles = [[1, 2, 3]], Coding = "vvc1", Parameters = HeifBuilder.Box("vvcC", []), TileSize = (64, 64) }.Build();
        Assert.Contains("is of the kind \"vvc1\"", Error(() => PictureFile.Read(folder.Write("a.heic", other))), StringComparison.Ordinal);
        byte[] large = new HeifBuilder { Tiles = [[1, 2, 3]], Parameters = HeifBuilder.Box("hvcC", []), TileSize = (90_000, 90_000) }.Build();
        Assert.Contains("at most 134,217,728 pixels", Error(() => PictureFile.Read(folder.Write("a.heic", large))), StringComparison.Ordinal);
    }

    [Property(MaxTest = 2000)]
    public void MutatedBoxesAreReadOrRefused(Damages damages)
    {
        const int Boxes = 513;
        try
        {
            if (Heif.HeifFile.Read(Mutation.Apply(Grid, damages.List, Boxes), "a.avif") is { } heif)
            {
                heif.BytesOf(heif.Find(heif.Primary));
                heif.AlphaOf(heif.Primary);
            }
        }
        catch (GemmaVkException error)
        {
            Assert.Contains("a.avif", error.Message, StringComparison.Ordinal);
        }
    }

    private static (byte[] Tile, byte[] Parameters) Coded(TemporaryFolder folder, string source)
    {
        Made.By(
            "-f", "lavfi", "-i", source, "-frames:v", "1", "-pix_fmt", "yuv420p", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:info=0:qp=10", "-f", "hevc", folder["a.hevc"]);
        return HeifBuilder.Hevc(folder["a.hevc"]);
    }

    private static string Error(Func<object> action) => Assert.ThrowsAny<GemmaVkException>(action).Message;
}
