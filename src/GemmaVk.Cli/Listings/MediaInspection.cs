using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Terminals;
using GemmaVk.Media;
using GemmaVk.Tensors;
using GemmaVk.Text;
using GemmaVk.Weights;
using Spectre.Console;

namespace GemmaVk.Cli.Listings;

/// <summary>What a model gets of a picture, sound or clip: sizes, grid, times and tokens, and the pixels on request.</summary>
internal static class MediaInspection
{
    private const int SheetColumns = 8;

    /// <summary>Shows a file.</summary>
    /// <param name="path">The file; its bytes say what it is.</param>
    /// <param name="loader">Reads it as for the model.</param>
    /// <param name="sheet">Where the pixels go, or null.</param>
    /// <param name="model">The checkpoint, which a sheet must not replace.</param>
    /// <param name="json">One object instead of lines.</param>
    /// <param name="terminal">Where to.</param>
    /// <exception cref="GemmaVkException">It cannot be read, or has no pixels to write.</exception>
    public static void Of(string path, MediaLoader loader, string? sheet, string model, bool json, Terminal terminal)
    {
        using Interruption.Listener interruption = terminal.Interruption.Listen();
        OutputTarget? target = sheet is null ? null : OutOption.TargetOf(sheet, read: [path, model]);
        LoadedMedia media = loader.Load(path, interruption.Token);
        if (target is not null)
        {
            Picture pixels = Sheet(media);
            target.Write(to => PngWriter.Write(pixels, to));
        }

        if (json)
        {
            JsonOutput.Write(terminal.Out, writer => Write(writer, media));
        }
        else
        {
            Write(terminal.Out, media, loader);
        }
    }

    private static void Write(TextWriter output, LoadedMedia media, MediaLoader loader)
    {
        output.WriteLine($"{media.Name}: {Word(media.Kind)}, {media.Source}{(media.Note is { } note ? $"; {note}" : "")}");
        if (media.Pictures is [var picture, ..])
        {
            string budget = media.Kind == ChatPartKind.Image ? $" (budget {loader.ImageTokens})" : "";
            output.WriteLine(
                $"resized to {picture.Width} x {picture.Height} pixels: {Columns(picture)} x {Rows(picture)} patches of {ImageSizing.PatchSide} pixels, {Columns(picture) * Rows(picture)} tokens{budget}");
        }

        if (media.Kind == ChatPartKind.Video)
        {
            output.WriteLine($"frames at {string.Join(' ', media.Stamps)}");
        }

        if (media.Sounds.Count > 0)
        {
            Table table = Tables.Of(">sound from", ">seconds", ">tokens");
            foreach ((TimeSpan start, ReadOnlyMemory<float> samples) in media.Sounds)
            {
                table.Row(Number(start.TotalSeconds), Number(Seconds(samples)), AudioFrames.Count(samples.Length).ToString(CultureInfo.InvariantCulture));
            }

            Tables.Console(output).Write(table);
        }

        output.WriteLine($"{media.Tokens} tokens in all");
    }

    private static void Write(Utf8JsonWriter json, LoadedMedia media)
    {
        json.WriteStartObject();
        json.WriteString("file", media.Name);
        json.WriteString("kind", media.Kind.ToString().ToLowerInvariant());
        json.WriteString("source", media.Source);
        json.WriteNumber("tokens", media.Tokens);
        if (media.Note is { } note)
        {
            json.WriteString("note", note);
        }

        if (media.Pictures is [var picture, ..])
        {
            json.WriteNumber("width", picture.Width);
            json.WriteNumber("height", picture.Height);
            json.WriteNumber("columns", Columns(picture));
            json.WriteNumber("rows", Rows(picture));
        }

        if (media.Kind == ChatPartKind.Video)
        {
            json.WriteStartArray("frames");
            foreach (string stamp in media.Stamps)
            {
                json.WriteStringValue(stamp);
            }

            json.WriteEndArray();
        }

        if (media.Sounds.Count > 0)
        {
            json.WriteStartArray("sounds");
            foreach ((TimeSpan start, ReadOnlyMemory<float> samples) in media.Sounds)
            {
                json.WriteStartObject();
                json.WriteNumber("start", Math.Round(start.TotalSeconds, 3));
                json.WriteNumber("seconds", Math.Round(Seconds(samples), 3));
                json.WriteNumber("tokens", AudioFrames.Count(samples.Length));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteNumber("decode_seconds", Math.Round(media.Decoding.TotalSeconds, 4));
        json.WriteNumber("resize_seconds", Math.Round(media.Resizing.TotalSeconds, 4));
        json.WriteEndObject();
    }

    /// <summary>The picture itself, or a clip's frames in rows of eight.</summary>
    private static Picture Sheet(LoadedMedia media)
    {
        IReadOnlyList<Picture> pictures = media.Pictures;
        if (pictures.Count == 0)
        {
            throw new GemmaVkException($"--out: expected a picture or a clip, whose pixels are written, but {media.Name} is a sound; drop it.");
        }

        if (pictures.Count == 1)
        {
            return pictures[0];
        }

        (int height, int width) = (pictures[0].Height, pictures[0].Width);
        int columns = Math.Min(SheetColumns, pictures.Count);
        int rows = (pictures.Count + columns - 1) / columns;
        byte[] rgb = new byte[3L * rows * height * columns * width];
        for (int i = 0; i < pictures.Count; i++)
        {
            for (int y = 0; y < height; y++)
            {
                long at = 3L * (((((long)i / columns * height) + y) * columns * width) + (i % columns * width));
                Array.Copy(pictures[i].Rgb, 3L * y * width, rgb, at, 3L * width);
            }
        }

        return new Picture(rows * height, columns * width, rgb);
    }

    private static string Word(ChatPartKind kind) => kind switch { ChatPartKind.Image => "picture", ChatPartKind.Audio => "sound", _ => "clip" };

    private static int Columns(Picture picture) => picture.Width / ImageSizing.PatchSide;

    private static int Rows(Picture picture) => picture.Height / ImageSizing.PatchSide;

    private static double Seconds(ReadOnlyMemory<float> samples) => (double)samples.Length / SampleStream.Rate;

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
