using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Media;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Media;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk;

/// <summary>
/// A part of what is said: words, a picture, a sound or a clip, ready for the model. Parts keep their order. What they hold
/// must not change afterwards.
/// </summary>
public sealed class MessagePart
{
    private readonly string _words;
    private readonly IReadOnlyList<Picture> _pictures;
    private readonly ReadOnlyMemory<float> _samples;
    private readonly IReadOnlyList<string>? _stamps;

    private MessagePart(ChatPartKind kind, string words, IReadOnlyList<Picture> pictures, ReadOnlyMemory<float> samples, IReadOnlyList<string>? stamps)
    {
        Kind = kind;
        _words = words;
        _pictures = pictures;
        _samples = samples;
        _stamps = stamps;
    }

    /// <summary>What it is.</summary>
    public ChatPartKind Kind { get; }

    /// <summary>The words of a text; empty for media.</summary>
    public string Text => _words;

    /// <summary>How the chat template sees it.</summary>
    internal ChatPart Written => new(Kind, _words);

    /// <summary>Words: never read as control tokens.</summary>
    public static MessagePart Words(string text) => new(ChatPartKind.Text, text, [], default, null);

    /// <summary>A picture whose sides are multiples of the model's patch (48 pixels).</summary>
    public static MessagePart Image(Picture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return new(ChatPartKind.Image, "", [picture], default, null);
    }

    /// <summary>A sound: mono samples at 16 kHz, nominally -1 to 1.</summary>
    public static MessagePart Sound(ReadOnlyMemory<float> samples) => new(ChatPartKind.Audio, "", [], samples, null);

    /// <summary>Frames of a clip, all of one size, whose sides are multiples of the model's patch.</summary>
    /// <param name="frames">In the order of time, at least one.</param>
    /// <param name="stamps">The time of each frame as minutes and seconds, "00:07".</param>
    /// <exception cref="GemmaVkException">No frames, another number of stamps, or frames of several sizes.</exception>
    public static MessagePart Video(IReadOnlyList<Picture> frames, IReadOnlyList<string> stamps)
    {
        ArgumentNullException.ThrowIfNull(frames);
        ArgumentNullException.ThrowIfNull(stamps);
        if (frames.Count == 0 || frames.Count != stamps.Count || frames.Any(frame => (frame.Height, frame.Width) != (frames[0].Height, frames[0].Width)))
        {
            throw new GemmaVkException(
                $"clip: expected one or more frames of one size and a time stamp for each, but {frames.Count} frames and {stamps.Count} stamps came; resize the frames alike.");
        }

        return new MessagePart(ChatPartKind.Video, "", frames, default, stamps);
    }

    /// <summary>The media that stand in the prompt for this part, checked against a model, and how its placeholder is written.</summary>
    /// <exception cref="GemmaVkException">The model cannot take it.</exception>
    internal (MediaItem Item, IReadOnlyList<Medium> Media) For(GemmaModel model)
    {
        Medium[] media = Kind switch
        {
            ChatPartKind.Image => [Medium.Image(model, _pictures[0])],
            ChatPartKind.Audio => [Medium.Sound(model, _samples)],
            _ => [.. _pictures.Select(picture => Medium.Frame(model, picture))],
        };
        return (new MediaItem(Kind, media[0].SoftRows, _stamps), media);
    }
}
