using System.Collections.Generic;
using GemmaVk.Media;
using GemmaVk.Runtime.Media;
using GemmaVk.Runtime.Sessions;

namespace GemmaVk.Runtime.Tests;

/// <summary>The prompt of a golden case: ids, kinds and media as tests/golden/README.md names them.</summary>
internal static class MediaCase
{
    /// <summary>The case's prompt for a model.</summary>
    public static PromptRows Prompt(GemmaModel model, GoldenCase golden)
    {
        int[] kinds = golden.Ints("kinds");
        Queue<Medium> images = Pictures(model, golden, "image"), frames = Pictures(model, golden, "video");
        Queue<Medium> sounds = [];
        for (int i = 0; golden.Has($"audio.{i}"); i++)
        {
            sounds.Enqueue(Medium.Sound(model, golden.Floats($"audio.{i}")));
        }

        List<Medium> media = [];
        int row = 0;
        while (row < kinds.Length)
        {
            if (kinds[row] == 0)
            {
                row++;
                continue;
            }

            Medium medium = (kinds[row] switch { 1 => images, 2 => frames, _ => sounds }).Dequeue();
            media.Add(medium);
            row += medium.SoftRows;
        }

        return PromptRows.Of(model.Config, golden.Ints("ids"), media);
    }

    private static Queue<Medium> Pictures(GemmaModel model, GoldenCase golden, string name)
    {
        Queue<Medium> media = [];
        for (int i = 0; golden.Has($"{name}.{i}"); i++)
        {
            long[] shape = golden.Shape($"{name}.{i}");
            (int height, int width) = ((int)shape[^3], (int)shape[^2]);
            byte[] rgb = golden.Bytes($"{name}.{i}");
            int size = height * width * 3;
            for (int first = 0; first < rgb.Length; first += size)
            {
                Picture picture = new(height, width, rgb[first..(first + size)]);
                media.Enqueue(name == "image" ? Medium.Image(model, picture) : Medium.Frame(model, picture));
            }
        }

        return media;
    }
}
