using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Grammar.Lexing;
using GemmaVk.Text;

namespace GemmaVk.Grammar;

/// <summary>
/// A vocabulary made ready for masks: the bytes each token stands for, as a tree. Control tokens and the unused ones spell no text and are
/// never allowed, but for those that end an answer and for the quotation mark of tool calls,
/// which stands for a byte that no text holds. Made once per tokenizer; may be used from many threads.
/// </summary>
public sealed class Vocabulary
{
    /// <summary>The byte that stands for the control token around strings of tool calls: no text in UTF-8 holds it.</summary>
    public const byte QuoteByte = ByteDfa.QuoteToken;

    private readonly byte[][] _bytes;
    private readonly Lazy<Vocabularies.FreeStrings>[] _free;

    /// <summary>Reads a tokenizer's table of tokens.</summary>
    public Vocabulary(BpeTokenizer tokenizer)
    {
        Size = tokenizer.VocabularySize;
        Stops = [.. tokenizer.Specials.Stops];
        _bytes = new byte[Size][];
        var spellings = new List<byte[]>(Size);
        var tokens = new List<int>(Size);
        for (int id = 0; id < Size; id++)
        {
            _bytes[id] = id == tokenizer.Specials.Quote ? [ByteDfa.QuoteToken] : tokenizer.Specials.IsControl(id) ? [] : Spell(tokenizer, id);
            if (_bytes[id].Length > 0)
            {
                spellings.Add(_bytes[id]);
                tokens.Add(id);
                LongestToken = Math.Max(LongestToken, _bytes[id].AsSpan().Length - Enumerable.Count(_bytes[id], value => (value & 0xC0) == 0x80));
            }
        }

        Tree = new Vocabularies.TokenTree([.. spellings], [.. tokens]);
        _free = [.. Enumerable.Range(0, 4).Select(i => new Lazy<Vocabularies.FreeStrings>(
            () => new Vocabularies.FreeStrings(Tree, Words, i < 2 ? Spelling.Json : Spelling.Call, open: i % 2 == 0)))];
    }

    /// <summary>Number of tokens, V.</summary>
    public int Size { get; }

    /// <summary>32-bit words of a mask: V / 32, rounded up.</summary>
    public int Words => (Size + 31) / 32;

    /// <summary>The tokens that end an answer.</summary>
    public IReadOnlyList<int> Stops { get; }

    /// <summary>The bytes of text that a token stands for; none for a token that is no text.</summary>
    public ReadOnlySpan<byte> Bytes(int token) => _bytes[token];

    /// <summary>Works out what the first masks would otherwise wait for: half a second for 262,144 tokens.</summary>
    /// <param name="calls">Whether calls of tools come too.</param>
    public void Prepare(bool calls = false)
    {
        for (int i = 0; i < (calls ? _free.Length : 2); i++)
        {
            _ = _free[i].Value;
        }
    }

    internal Vocabularies.TokenTree Tree { get; }

    /// <summary>Characters of the longest token.</summary>
    internal int LongestToken { get; }

    internal Vocabularies.FreeStrings FreeStrings(Spelling spelling, bool open) => _free[(spelling == Spelling.Call ? 2 : 0) + (open ? 0 : 1)].Value;

    private static byte[] Spell(BpeTokenizer tokenizer, int id)
    {
        if (tokenizer.TryGetByte(id, out byte value))
        {
            // A byte that no text holds would be taken for the quotation mark of calls.
            return value >= 0xF8 ? [] : [value];
        }

        ReadOnlySpan<byte> text = tokenizer.Bytes(id);
        if (text.StartsWith("<unused"u8) && text.EndsWith(">"u8))
        {
            return [];
        }

        byte[] spelled = new byte[text.Length];
        int used = 0;
        ReadOnlySpan<byte> space = "\u2581"u8;
        for (int i = 0; i < text.Length; i++)
        {
            bool isSpace = text[i..].StartsWith(space);
            spelled[used++] = isSpace ? (byte)' ' : text[i];
            i += isSpace ? space.Length - 1 : 0;
        }

        return spelled[..used];
    }
}
