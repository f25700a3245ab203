using System;
using System.Collections.Generic;
using System.Text;

namespace GemmaVk.Transcripts;

/// <summary>
/// Text as it is heard, piece after piece, with the seams closed. Where the next piece overlaps, the last word waits for it;
/// after a seam the first words wait until it is clear which of them were heard before.
/// </summary>
internal sealed class TranscriptStream(ITranscriptSink sink)
{
    private readonly StringBuilder _raw = new();
    private TimeSpan _start, _end;
    private bool _overlapsNext, _newLine;
    private Part? _held;
    private int _skip;
    private bool _joined;
    private bool _lineOpen;
    private int _shown;

    /// <summary>A piece begins.</summary>
    /// <param name="start">Where.</param>
    /// <param name="end">Where it ends.</param>
    /// <param name="overlapsNext">Whether the piece after it begins before its end.</param>
    public void Begin(TimeSpan start, TimeSpan end, bool overlapsNext)
    {
        (_start, _end, _overlapsNext) = (start, end, overlapsNext);
        _newLine = _held is null;
        _lineOpen = !_newLine && _lineOpen;
        _joined = _newLine;
        _skip = 0;
        _shown = 0;
        _raw.Clear();
    }

    /// <summary>The model wrote more of the piece.</summary>
    public void Append(string text)
    {
        _raw.Append(text);
        Move(last: false);
    }

    /// <summary>The model has written all of the piece.</summary>
    public void End()
    {
        Move(last: true);
        string text = _raw.ToString();
        string own = text[_skip..].Trim();
        if (_overlapsNext)
        {
            _held = new Part(text, own, _shown, _start, _end, _newLine);
        }
        else if (own.Length > 0)
        {
            sink.Part(new TranscriptPart(_start, _end, own, _newLine));
        }
    }

    /// <summary>No piece follows, although the last one said so.</summary>
    public void Finish()
    {
        if (_held is { } held)
        {
            Show(held.Text[held.Shown..].TrimEnd());
            _held = null;
            if (held.Own.Length > 0)
            {
                sink.Part(new TranscriptPart(held.Start, held.End, held.Own, held.NewLine));
            }
        }
    }

    private void Move(bool last)
    {
        string text = _raw.ToString();
        List<Words.Word> words = Words.Of(text);
        if (!_joined && (last || words.Count > Seam.MostWords + 2))
        {
            CloseSeam(text);
        }

        if (!_joined)
        {
            return;
        }

        // The newest word may still grow; with an overlap to come it may even be cut off.
        int end = last && !_overlapsNext ? text.TrimEnd().Length : words.Count > 0 ? EndOfSettled(words) : 0;
        if (end > Math.Max(_shown, _skip))
        {
            Show(text[Math.Max(_shown, _skip)..end]);
            _shown = end;
        }
    }

    private void Show(string text)
    {
        if (text.Length == 0)
        {
            return;
        }

        if (!_lineOpen)
        {
            _lineOpen = true;
            sink.Line(_held?.Start ?? _start);
            text = text.TrimStart();
        }

        sink.Text(text);
    }

    private int EndOfSettled(List<Words.Word> words) => _overlapsNext
        ? words.Count > 1 ? words[^2].End : 0
        : words[^1].End;

    private void CloseSeam(string text)
    {
        Part held = _held!;
        _joined = true;
        (int keep, _skip) = Seam.Find(held.Text, text);
        if (keep > held.Shown)
        {
            Show(held.Text[held.Shown..keep]);
        }

        _held = null;
        int written = held.Text.TrimEnd().Length;
        int cut = Math.Min(held.Own.Length, Math.Max(0, written - keep));
        string own = held.Own[..^cut].TrimEnd();
        if (own.Length > 0)
        {
            sink.Part(new TranscriptPart(held.Start, held.End, own, held.NewLine));
        }

        if (_skip == 0 && text.Length > 0)
        {
            Show(" ");
        }
    }

    private sealed record Part(string Text, string Own, int Shown, TimeSpan Start, TimeSpan End, bool NewLine);
}
