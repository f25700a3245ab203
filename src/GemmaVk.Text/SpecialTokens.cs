using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Text;

/// <summary>
/// The control tokens by role, and whatever else the file calls special. The ids come from the tokenizer file: the released 12B and other checkpoints of the family number
/// them differently.
/// </summary>
public sealed class SpecialTokens
{
    private readonly Dictionary<int, string> _texts = [];

    internal SpecialTokens(IEnumerable<AddedToken> tokens)
    {
        Dictionary<string, int> added = tokens.Where(token => token.IsControl).ToDictionary(token => token.Text, token => token.Id);
        string[] missing = [.. ControlText.All.Where(text => !added.ContainsKey(text))];
        if (missing.Length > 0)
        {
            throw new TextException($"\"added_tokens\" lacks {string.Join(", ", missing)}; a Gemma 4 vocabulary has all 24 control tokens");
        }

        foreach ((string text, int id) in added)
        {
            _texts.Add(id, text);
        }

        Pad = added[ControlText.Pad];
        Eos = added[ControlText.Eos];
        Bos = added[ControlText.Bos];
        Think = added[ControlText.Think];
        TurnOpen = added[ControlText.TurnOpen];
        TurnClose = added[ControlText.TurnClose];
        ChannelOpen = added[ControlText.ChannelOpen];
        ChannelClose = added[ControlText.ChannelClose];
        ToolCallOpen = added[ControlText.ToolCallOpen];
        ToolCallClose = added[ControlText.ToolCallClose];
        ToolResponseOpen = added[ControlText.ToolResponseOpen];
        ToolResponseClose = added[ControlText.ToolResponseClose];
        Quote = added[ControlText.Quote];
        ImageOpen = added[ControlText.ImageOpen];
        ImageSoft = added[ControlText.ImageSoft];
        ImageClose = added[ControlText.ImageClose];
        AudioOpen = added[ControlText.AudioOpen];
        AudioSoft = added[ControlText.AudioSoft];
        AudioClose = added[ControlText.AudioClose];
        VideoSoft = added[ControlText.VideoSoft];
        Stops = [Eos, TurnClose, ToolResponseOpen];
        Suppressed = [AudioClose, ImageClose];
    }

    /// <summary>&lt;pad&gt;</summary>
    public int Pad { get; }

    /// <summary>&lt;eos&gt;</summary>
    public int Eos { get; }

    /// <summary>&lt;bos&gt;; the chat template writes it, the tokenizer never adds it.</summary>
    public int Bos { get; }

    /// <summary>&lt;|think|&gt;, which switches thinking on from the system turn.</summary>
    public int Think { get; }

    /// <summary>&lt;|turn&gt;</summary>
    public int TurnOpen { get; }

    /// <summary>&lt;turn|&gt;, the usual end of an answer.</summary>
    public int TurnClose { get; }

    /// <summary>&lt;|channel&gt;, which opens a thought.</summary>
    public int ChannelOpen { get; }

    /// <summary>&lt;channel|&gt;</summary>
    public int ChannelClose { get; }

    /// <summary>&lt;|tool_call&gt;</summary>
    public int ToolCallOpen { get; }

    /// <summary>&lt;tool_call|&gt;</summary>
    public int ToolCallClose { get; }

    /// <summary>&lt;|tool_response&gt;, with which the model hands over for the tools to run.</summary>
    public int ToolResponseOpen { get; }

    /// <summary>&lt;tool_response|&gt;</summary>
    public int ToolResponseClose { get; }

    /// <summary>The quotation mark around strings in calls.</summary>
    public int Quote { get; }

    /// <summary>&lt;|image&gt;, before the soft tokens of a picture or of a video frame.</summary>
    public int ImageOpen { get; }

    /// <summary>&lt;|image|&gt;: one soft token of a picture.</summary>
    public int ImageSoft { get; }

    /// <summary>&lt;image|&gt;</summary>
    public int ImageClose { get; }

    /// <summary>&lt;|audio&gt;</summary>
    public int AudioOpen { get; }

    /// <summary>&lt;|audio|&gt;: one soft token of sound.</summary>
    public int AudioSoft { get; }

    /// <summary>&lt;audio|&gt;</summary>
    public int AudioClose { get; }

    /// <summary>&lt;|video|&gt;: one soft token of a video frame.</summary>
    public int VideoSoft { get; }

    /// <summary>The ids that end generation, whatever generation_config.json says (re-uploads drop the last one).</summary>
    public IReadOnlyList<int> Stops { get; }

    /// <summary>The ids that are never sampled: the ends of picture and sound, which the model otherwise emits now and then.</summary>
    public IReadOnlyList<int> Suppressed { get; }

    /// <summary>Whether an id is a control token.</summary>
    public bool IsControl(int id) => _texts.ContainsKey(id);

    /// <summary>The spelling of a control token.</summary>
    internal bool TryGetText(int id, out string text)
    {
        bool found = _texts.TryGetValue(id, out string? value);
        text = value ?? "";
        return found;
    }
}
