using System;
using System.Collections.Generic;
using System.Text;

namespace GemmaVk.Text;

/// <summary>
/// A Gemma vocabulary as bare lists, for files that hold it in another form than tokenizer.json. What such a file does not say is what Gemma's does:
/// byte fallback, spaces as U+2581, no prefix.
/// </summary>
/// <param name="file">Named in errors.</param>
public sealed class VocabularyLists(string file)
{
    private readonly TokenTable.Builder _tokens = new(4 << 20);
    private readonly List<AddedToken> _added = [];
    private byte[] _merges = [];
    private int[] _starts = [0];

    /// <summary>The file, for errors.</summary>
    public string File => file;

    /// <summary>Appends the next token.</summary>
    /// <param name="utf8">Its spelling.</param>
    /// <param name="isAdded">It is cut out of a text before merging.</param>
    /// <param name="isControl">It steers and is no text.</param>
    public void Add(ReadOnlySpan<byte> utf8, bool isAdded, bool isControl)
    {
        if (isAdded || utf8 is [(byte)'<', .., (byte)'>'])
        {
            // The 24 steer the model whatever the file says of them.
            string text = Encoding.UTF8.GetString(utf8);
            if (!isAdded && !ControlText.IsControl(text))
            {
                _tokens.Add(utf8, _tokens.Count);
                return;
            }

            _added.Add(new AddedToken(text, _tokens.Count, isControl || ControlText.IsControl(text)));
        }

        _tokens.Add(utf8, _tokens.Count);
    }

    /// <summary>Sets the merges, "left right" each, the first merged first.</summary>
    /// <param name="text">All bytes, one merge behind the other.</param>
    /// <param name="starts">Where each begins, and the end.</param>
    public void SetMerges(byte[] text, int[] starts) => (_merges, _starts) = (text, starts);

    internal (TokenTable Tokens, MergeTable Merges, IReadOnlyCollection<AddedToken> Added) Build()
    {
        TokenTable tokens;
        try
        {
            tokens = _tokens.Build();
        }
        catch (TextException e)
        {
            throw Fault(e.Message);
        }

        foreach (AddedToken token in _added)
        {
            if (token.Text.Length == 0)
            {
                throw Fault($"the added token {token.Id} is empty");
            }
        }

        var merges = new (int, int, int)[_starts.Length - 1];
        byte[] joined = new byte[64];
        for (int i = 0; i < merges.Length; i++)
        {
            ReadOnlySpan<byte> merge = _merges.AsSpan(_starts[i], _starts[i + 1] - _starts[i]);
            int space = merge.IndexOf((byte)' ');
            if (space < 0 || merge[(space + 1)..].Contains((byte)' '))
            {
                throw Fault($"merge {i} is not of the form \"left right\"");
            }

            if (joined.Length < merge.Length)
            {
                joined = new byte[merge.Length * 2];
            }

            merge[..space].CopyTo(joined);
            merge[(space + 1)..].CopyTo(joined.AsSpan(space));
            merges[i] = (tokens.Find(merge[..space]), tokens.Find(merge[(space + 1)..]), tokens.Find(joined.AsSpan(0, merge.Length - 1)));
            if (merges[i] is ( < 0, _, _) or (_, < 0, _) or (_, _, < 0))
            {
                throw Fault($"merge {i}, \"{Encoding.UTF8.GetString(merge)}\", needs a token that the vocabulary does not have");
            }
        }

        MergeTable table = new(merges, out int doubled);
        return doubled < 0 ? (tokens, table, _added) : throw Fault($"merge {doubled} repeats an earlier one");
    }

    private TextException Fault(string what) => new($"{file}: not a usable vocabulary: {what}. Take the file that belongs to the checkpoint.");
}
