using System.Collections.Generic;
using System.Text;

namespace GemmaVk.Text;

/// <summary>A picture, sound or clip that goes into a prompt.</summary>
/// <param name="Kind">What it is; never text.</param>
/// <param name="SoftTokens">Number of soft tokens, for a video of each frame.</param>
/// <param name="FrameStamps">For a video the time of each frame, "mm:ss".</param>
public sealed record MediaItem(ChatPartKind Kind, int SoftTokens, IReadOnlyList<string>? FrameStamps = null)
{
    internal void Write(ChatPrompt.Writer writer)
    {
        if (SoftTokens < 0 || Kind == ChatPartKind.Text || (Kind == ChatPartKind.Video) != (FrameStamps is not null))
        {
            throw new TextException($"A media item of kind {Kind} with {SoftTokens} soft tokens cannot be written: a video has frame stamps, pictures and sounds have none.");
        }

        switch (Kind)
        {
            case ChatPartKind.Image:
                writer.Template(Block(ControlText.ImageOpen, ControlText.ImageSoft, ControlText.ImageClose));
                break;
            case ChatPartKind.Audio:
                writer.Template(Block(ControlText.AudioOpen, ControlText.AudioSoft, ControlText.AudioClose));
                break;
            default:
                for (int i = 0; i < FrameStamps!.Count; i++)
                {
                    writer.Caller(i > 0 ? $" {FrameStamps[i]} " : $"{FrameStamps[i]} ");
                    writer.Template(Block(ControlText.ImageOpen, ControlText.VideoSoft, ControlText.ImageClose));
                }

                break;
        }
    }

    private string Block(string open, string soft, string close) =>
        new StringBuilder(open).Insert(open.Length, soft, SoftTokens).Append(close).ToString();
}
