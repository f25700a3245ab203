using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Text;

/// <summary>The spellings of Gemma 4's 24 control tokens. The convention: &lt;|x&gt; opens, &lt;x|&gt; closes, &lt;|x|&gt; stands alone.</summary>
internal static class ControlText
{
    public const string Pad = "<pad>";
    public const string Eos = "<eos>";
    public const string Bos = "<bos>";
    public const string Unk = "<unk>";
    public const string Mask = "<mask>";
    public const string ToolOpen = "<|tool>";
    public const string ToolClose = "<tool|>";
    public const string ToolCallOpen = "<|tool_call>";
    public const string ToolCallClose = "<tool_call|>";
    public const string ToolResponseOpen = "<|tool_response>";
    public const string ToolResponseClose = "<tool_response|>";
    public const string Quote = "<|\"|>";
    public const string Think = "<|think|>";
    public const string ChannelOpen = "<|channel>";
    public const string ChannelClose = "<channel|>";
    public const string TurnOpen = "<|turn>";
    public const string TurnClose = "<turn|>";
    public const string ImageOpen = "<|image>";
    public const string ImageSoft = "<|image|>";
    public const string ImageClose = "<image|>";
    public const string AudioOpen = "<|audio>";
    public const string AudioSoft = "<|audio|>";
    public const string AudioClose = "<audio|>";
    public const string VideoSoft = "<|video|>";

    /// <summary>The start of a thought, as the template and the model write it.</summary>
    public const string ThoughtOpen = ChannelOpen + "thought\n";

    public static readonly IReadOnlyList<string> All =
    [
        Pad, Eos, Bos, Unk, Mask, ToolOpen, ToolClose, ToolCallOpen, ToolCallClose, ToolResponseOpen, ToolResponseClose, Quote,
        Think, ChannelOpen, ChannelClose, TurnOpen, TurnClose, ImageOpen, ImageSoft, ImageClose, AudioOpen, AudioSoft, AudioClose, VideoSoft,
    ];

    /// <summary>Whether a spelling is one of the 24.</summary>
    public static bool IsControl(string text) => All.Contains(text);
}
