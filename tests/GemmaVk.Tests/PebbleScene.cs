using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Media;

namespace GemmaVk.Tests;

/// <summary>Coloured shapes as Pebble was taught them, drawn from a seed, with a question and its right answer.</summary>
internal sealed record PebbleScene(IReadOnlyList<Picture> Frames, string Question, string Answer)
{
    private const int Side = 384;
    private static readonly string[] Shapes = ["circle", "square", "triangle"];
    private static readonly string[] Numbers = ["zero", "one", "two", "three"];
    private static readonly string[] Places = ["top left", "top right", "bottom left", "bottom right"];

    private static readonly (string Name, int X, int Y)[] Ways = [("left", -1, 0), ("right", 1, 0), ("up", 0, -1), ("down", 0, 1)];

    private static readonly (string Name, int Red, int Green, int Blue)[] Colors =
    [
        ("red", 220, 40, 40), ("green", 40, 170, 70), ("blue", 50, 80, 220), ("yellow", 240, 210, 40),
        ("purple", 140, 60, 180), ("orange", 240, 140, 30), ("black", 25, 25, 25), ("pink", 245, 150, 190),
    ];

    /// <summary>One to three shapes, each in a quarter of its own.</summary>
    public static PebbleScene Still(int seed)
    {
        Random random = new(seed);
        int[] places = [.. Enumerable.Range(0, 4)];
        random.Shuffle(places);
        places = [.. places.Take(random.GetItems([1, 1, 2, 2, 3], 1)[0]).Order()];
        byte[] rgb = Canvas(random);
        List<string> nouns = [];
        foreach (int place in places)
        {
            string noun;
            (int color, int shape) = (0, 0);
            do
            {
                (color, shape) = (random.Next(Colors.Length), random.Next(Shapes.Length));
                noun = $"{Colors[color].Name} {Shapes[shape]}";
            }
            while (nouns.Contains(noun));

            nouns.Add(noun);
            Draw(rgb, random, color, shape, (place % 2 * 192) + 96 + random.Next(-16, 17), (place / 2 * 192) + 96 + random.Next(-16, 17), random.Next(44, 75));
        }

        Picture[] frames = [new Picture(Side, Side, rgb)];
        switch (random.Next(4))
        {
            case 0:
                return new PebbleScene(frames, "How many shapes are there?", Numbers[nouns.Count] + ".");
            case 1:
                int one = random.Next(nouns.Count);
                return new PebbleScene(frames, $"Where is the {nouns[one]}?", $"The {nouns[one]} is at the {Places[places[one]]}.");
            default:
                string[] things = [.. nouns.Select(Article)];
                string list = things.Length == 1 ? things[0] : $"{string.Join(", ", things[..^1])} and {things[^1]}";
                return new PebbleScene(frames, "What is in this picture?", $"I see {list}.");
        }
    }

    /// <summary>One shape that moves, in four frames.</summary>
    public static PebbleScene Moving(int seed)
    {
        Random random = new(seed + 10_000);
        (int color, int shape, int way) = (random.Next(Colors.Length), random.Next(Shapes.Length), random.Next(Ways.Length));
        (string direction, int dx, int dy) = Ways[way];
        (int span, int radius, int off) = (random.Next(60, 91), random.Next(40, 61), random.Next(-40, 41));
        List<Picture> frames = [];
        for (int t = 0; t < 4; t++)
        {
            byte[] rgb = Canvas(random);
            double k = (t - 1.5) * span;
            Draw(rgb, random, color, shape, 192 + (int)(dx * k) + (dx == 0 ? off : 0), 192 + (int)(dy * k) + (dy == 0 ? off : 0), radius);
            frames.Add(new Picture(Side, Side, rgb));
        }

        return new PebbleScene(frames, $"Which way does the {Shapes[shape]} move?", $"The {Colors[color].Name} {Shapes[shape]} moves {direction}.");
    }

    private static string Article(string noun) => (noun[0] is 'a' or 'e' or 'i' or 'o' ? "an " : "a ") + noun;

    private static byte[] Canvas(Random random)
    {
        int tone = random.Next(225, 256);
        int blue = Math.Min(255, tone + random.Next(-6, 7));
        byte[] rgb = new byte[Side * Side * 3];
        for (int i = 0; i < rgb.Length; i += 3)
        {
            (rgb[i], rgb[i + 1], rgb[i + 2]) = ((byte)tone, (byte)tone, (byte)blue);
        }

        return rgb;
    }

    private static void Draw(byte[] rgb, Random random, int color, int shape, int cx, int cy, int radius)
    {
        byte Jitter(int level) => (byte)Math.Clamp(level + random.Next(-14, 15), 0, 255);
        (byte red, byte green, byte blue) = (Jitter(Colors[color].Red), Jitter(Colors[color].Green), Jitter(Colors[color].Blue));
        for (int y = Math.Max(0, cy - radius); y <= Math.Min(Side - 1, cy + radius); y++)
        {
            for (int x = Math.Max(0, cx - radius); x <= Math.Min(Side - 1, cx + radius); x++)
            {
                (int dx, int dy) = (x - cx, y - cy);
                bool inside = shape switch
                {
                    0 => (dx * dx) + (dy * dy) <= radius * radius,
                    1 => true,
                    _ => Math.Abs(dx) * 2 <= dy + radius,
                };
                if (inside)
                {
                    int at = ((y * Side) + x) * 3;
                    (rgb[at], rgb[at + 1], rgb[at + 2]) = (red, green, blue);
                }
            }
        }
    }
}
