using System;
using System.Collections.Generic;
using System.Text;

namespace GemmaVk.Text;

/// <summary>
/// A written prompt that remembers which characters the template wrote and which came from the caller. Only the template's part can hold
/// control tokens: a caller's "&lt;turn|&gt;" stays ordinary text. The border cuts nothing else: BPE runs over both.
/// </summary>
public sealed class ChatPrompt
{
    private readonly ControlRange[] _template;

    private ChatPrompt(string text, ControlRange[] template)
    {
        Text = text;
        _template = template;
    }

    /// <summary>The prompt as one string, "&lt;bos&gt;" included.</summary>
    public string Text { get; }

    /// <summary>Whether the prompt ends inside a thought, so that the answer starts with thinking.</summary>
    public bool EndsInThought => Text.EndsWith(ControlText.ThoughtOpen, StringComparison.Ordinal)
        && _template is [.., var last] && last.End == Text.Length && last.End - last.Start >= ControlText.ThoughtOpen.Length;

    /// <summary>The token ids.</summary>
    public int[] Encode(BpeTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return tokenizer.Encode(Text, _template);
    }

    /// <summary>
    /// Gives each placeholder the soft tokens of its item, in order of the prompt: a picture or sound becomes its opening token, n soft
    /// tokens and its closing token; a video is a time stamp and such a block for each frame, with a space between frames.
    /// </summary>
    /// <exception cref="TextException">Number or kinds of the items differ from the placeholders.</exception>
    public ChatPrompt Expand(IReadOnlyList<MediaItem> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        var writer = new Writer();
        int next = 0;
        int done = 0;
        foreach (ControlRange range in _template)
        {
            writer.Caller(Text[done..range.Start]);
            int at = range.Start;
            while (TryFindPlaceholder(at, range.End, out int found, out ChatPartKind kind))
            {
                string spelling = Placeholder(kind);
                if (next >= items.Count || items[next].Kind != kind)
                {
                    string came = next < items.Count ? items[next].Kind.ToString() : "nothing";
                    throw new TextException($"Media item {next + 1} of the prompt is {kind}, but {came} was given; give the items in the order of the messages.");
                }

                writer.Template(Text[at..found]);
                items[next++].Write(writer);
                at = found + spelling.Length;
            }

            writer.Template(Text[at..range.End]);
            done = range.End;
        }

        if (next < items.Count)
        {
            throw new TextException($"The prompt has {next} media placeholders, but {items.Count} items were given; add a part for each to the messages.");
        }

        writer.Caller(Text[done..]);
        return writer.Finish();
    }

    /// <summary>The placeholder of a kind of media.</summary>
    internal static string Placeholder(ChatPartKind kind) => kind switch
    {
        ChatPartKind.Image => ControlText.ImageSoft,
        ChatPartKind.Audio => ControlText.AudioSoft,
        ChatPartKind.Video => ControlText.VideoSoft,
        _ => "",
    };

    private bool TryFindPlaceholder(int from, int to, out int found, out ChatPartKind kind)
    {
        found = -1;
        kind = default;
        foreach (ChatPartKind candidate in (ReadOnlySpan<ChatPartKind>)[ChatPartKind.Image, ChatPartKind.Audio, ChatPartKind.Video])
        {
            int at = Text.AsSpan(from, to - from).IndexOf(Placeholder(candidate), StringComparison.Ordinal);
            if (at >= 0 && (found < 0 || from + at < found))
            {
                found = from + at;
                kind = candidate;
            }
        }

        return found >= 0;
    }

    /// <summary>Puts a prompt together.</summary>
    internal sealed class Writer
    {
        private readonly StringBuilder _text = new();
        private readonly List<ControlRange> _template = [];

        /// <summary>Writes what belongs to the template: control tokens count.</summary>
        public void Template(string text)
        {
            int start = _text.Length;
            _text.Append(text);
            if (_template is [.., var last] && last.End == start)
            {
                _template[^1] = last with { End = _text.Length };
            }
            else if (text.Length > 0)
            {
                _template.Add(new ControlRange(start, _text.Length));
            }
        }

        /// <summary>Writes what came from the caller: nothing in it is a control token.</summary>
        public void Caller(string text) => _text.Append(text);

        /// <summary>Writes a string of the caller between quote tokens.</summary>
        public void Quoted(string text)
        {
            Template(ControlText.Quote);
            Caller(text);
            Template(ControlText.Quote);
        }

        public bool EndsWith(string text)
        {
            int start = _text.Length - text.Length;
            return start >= 0 && _text.ToString(start, text.Length) == text && _template is [.., var last] && last.Start <= start && last.End == _text.Length;
        }

        public ChatPrompt Finish() => new(_text.ToString(), [.. _template]);
    }
}
