using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Media;
using GemmaVk.Text;

namespace GemmaVk;

/// <summary>The smallest piece that a prompt can hold or leave out: a picture, a frame of a clip, or a stretch of sound.</summary>
/// <param name="Kind">Image, video for a frame, or audio.</param>
/// <param name="Tokens">Its soft tokens.</param>
/// <param name="Start">Where it begins in its clip or recording.</param>
/// <param name="Picture">Resized, or null for sound.</param>
/// <param name="Stamp">Of a frame: its time as the prompt writes it.</param>
/// <param name="Samples">Of a sound: one channel at 16 kHz.</param>
internal sealed record MediaUnit(
    ChatPartKind Kind, int Tokens, TimeSpan Start, Picture? Picture = null, string? Stamp = null, ReadOnlyMemory<float> Samples = default)
{
    // The opening and the closing token; a frame has its stamp and two spaces too, a token per digit.
    private const int Markers = 2;
    private const int StampMarkers = 10;

    /// <summary>Tokens of the prompt, markers included: at least what it takes.</summary>
    public int PromptTokens => Tokens + (Kind == ChatPartKind.Video ? StampMarkers : Markers);

    /// <summary>Parts of a message: frames in a row are one clip.</summary>
    public static List<MessagePart> Parts(IEnumerable<MediaUnit> units)
    {
        List<MessagePart> parts = [];
        List<MediaUnit> frames = [];
        foreach (MediaUnit unit in units)
        {
            if (unit.Kind != ChatPartKind.Video || (frames.Count > 0 && !unit.Follows(frames[^1])))
            {
                Flush();
            }

            if (unit.Kind == ChatPartKind.Video)
            {
                frames.Add(unit);
            }
            else
            {
                parts.Add(unit.Kind == ChatPartKind.Image ? MessagePart.Image(unit.Picture!) : MessagePart.Sound(unit.Samples));
            }
        }

        Flush();
        return parts;

        void Flush()
        {
            if (frames.Count > 0)
            {
                parts.Add(MessagePart.Video([.. frames.Select(frame => frame.Picture!)], [.. frames.Select(frame => frame.Stamp!)]));
                frames.Clear();
            }
        }
    }

    // Two clips one after the other stay two: the second begins earlier than the first ended, or has frames of another size.
    private bool Follows(MediaUnit frame) => Start > frame.Start && (Picture!.Height, Picture.Width) == (frame.Picture!.Height, frame.Picture.Width);
}
