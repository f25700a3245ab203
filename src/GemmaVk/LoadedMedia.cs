using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Media;
using GemmaVk.Text;

namespace GemmaVk;

/// <summary>A picture, sound or clip as the model gets it.</summary>
public sealed class LoadedMedia
{
    internal LoadedMedia(ChatPartKind kind, string name, string source, IReadOnlyList<MediaUnit> units, string? note, TimeSpan decoding, TimeSpan resizing)
    {
        Kind = kind;
        Name = name;
        Source = source;
        Units = units;
        Note = note;
        Decoding = decoding;
        Resizing = resizing;
    }

    /// <summary>What it is.</summary>
    public ChatPartKind Kind { get; }

    /// <summary>The file, or what its bytes were called.</summary>
    public string Name { get; }

    /// <summary>What came: "4032 x 3024 pixels", "31.5 s of sound".</summary>
    public string Source { get; }

    /// <summary>What was done that is not to be passed over: cut into pieces, left out; or null.</summary>
    public string? Note { get; }

    /// <summary>Time that reading took.</summary>
    public TimeSpan Decoding { get; }

    /// <summary>Time that resizing took.</summary>
    public TimeSpan Resizing { get; }

    /// <summary>Soft tokens.</summary>
    public int Tokens => Units.Sum(unit => unit.Tokens);

    /// <summary>What the model sees: a picture, or a clip's frames; none of a sound.</summary>
    public IReadOnlyList<Picture> Pictures => [.. Units.Where(unit => unit.Picture is not null).Select(unit => unit.Picture!)];

    /// <summary>Times of a clip's frames.</summary>
    public IReadOnlyList<string> Stamps => [.. Units.Where(unit => unit.Stamp is not null).Select(unit => unit.Stamp!)];

    /// <summary>Stretches of sound: where each begins, and its samples.</summary>
    public IReadOnlyList<(TimeSpan Start, ReadOnlyMemory<float> Samples)> Sounds =>
        [.. Units.Where(unit => unit.Kind == ChatPartKind.Audio).Select(unit => (unit.Start, unit.Samples))];

    /// <summary>The parts of a message.</summary>
    public IReadOnlyList<MessagePart> Parts => MediaUnit.Parts(Units);

    /// <summary>What it is in a line: "63 tokens (9 x 7 patches) of 1024 x 768 pixels".</summary>
    public string Summary
    {
        get
        {
            Picture? first = Pictures.FirstOrDefault();
            string grid = first is null ? "" : $"{first.Width / ImageSizing.PatchSide} x {first.Height / ImageSizing.PatchSide} patches";
            string seen = Kind switch
            {
                ChatPartKind.Image => $" ({grid})",
                ChatPartKind.Video => $" ({Pictures.Count} frame{(Pictures.Count == 1 ? "" : "s")} of {grid}{(Sounds.Count > 0 ? ", and sound" : "")})",
                _ => "",
            };
            return $"{Tokens} tokens{seen} of {Source}";
        }
    }

    internal IReadOnlyList<MediaUnit> Units { get; }
}
