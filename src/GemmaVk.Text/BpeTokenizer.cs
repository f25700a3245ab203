using System;
using System.Collections.Generic;
using System.Text;

namespace GemmaVk.Text;

/// <summary>
/// Step 3 of the token path; from <see cref="ChatTemplate"/>, to the Runtime's generator. Text to token ids and back: spaces become
/// U+2581, each run of text between added tokens is one BPE segment, characters without a token become their UTF-8 bytes. No
/// normalisation, no prefix space, no bos. Immutable; may be used from many threads.
/// Source: the tokenizer.json of the released checkpoints.
/// </summary>
public sealed class BpeTokenizer
{
    private const char Space = '\u2581';

    private readonly TokenTable _tokens;
    private readonly MergeTable _merges;
    private readonly ByteFallback _bytes;
    private readonly AddedTokens _added;

    /// <summary>Token of each character of the basic plane, -1 for none.</summary>
    private readonly int[] _characters = new int[0x10000];

    private BpeTokenizer(TokenTable tokens, MergeTable merges, IReadOnlyCollection<AddedToken> added, string file, string what)
    {
        _tokens = tokens;
        _merges = merges;
        try
        {
            _bytes = ByteFallback.From(_tokens);
            Specials = new SpecialTokens(added);
            _added = new AddedTokens(added);
        }
        catch (TextException e)
        {
            throw new TextException($"{file}: not a usable {what}: {e.Message}. Take the file that belongs to the checkpoint.");
        }

        Array.Fill(_characters, -1);
        for (int id = 0; id < _tokens.Count; id++)
        {
            ReadOnlySpan<byte> text = _tokens[id];
            if (!Specials.IsControl(id) && text.Length is > 0 and <= 3 && Rune.DecodeFromUtf8(text, out Rune rune, out int used) == System.Buffers.OperationStatus.Done
                && used == text.Length)
            {
                _characters[rune.Value] = id;
            }
        }
    }

    /// <summary>The control tokens.</summary>
    public SpecialTokens Specials { get; }

    /// <summary>Number of tokens; ids are 0 to this minus one.</summary>
    public int VocabularySize => _tokens.Count;

    /// <summary>Reads a tokenizer.json.</summary>
    /// <exception cref="TextException">The file is missing or malformed.</exception>
    public static BpeTokenizer Load(string path) => From(TokenizerJson.Load(path), path);

    /// <summary>Reads the bytes of a tokenizer.json; <paramref name="file"/> names them in errors.</summary>
    /// <exception cref="TextException">The bytes are malformed.</exception>
    public static BpeTokenizer Parse(ReadOnlySpan<byte> utf8, string file) => From(TokenizerJson.Parse(utf8, file), file);

    /// <summary>A tokenizer of lists that stand in another file than a tokenizer.json.</summary>
    /// <exception cref="TextException">They are no Gemma 4 vocabulary.</exception>
    public static BpeTokenizer Of(VocabularyLists lists)
    {
        ArgumentNullException.ThrowIfNull(lists);
        (TokenTable tokens, MergeTable merges, IReadOnlyCollection<AddedToken> added) = lists.Build();
        return new BpeTokenizer(tokens, merges, added, lists.File, "vocabulary");
    }

    /// <summary>
    /// Text to ids. With <paramref name="specials"/> the spellings of control tokens become control tokens; without, they are ordinary
    /// text and no control id can come out. Added tokens that are no control tokens are words like others. A lone surrogate counts as U+FFFD.
    /// </summary>
    public int[] Encode(ReadOnlySpan<char> text, bool specials) => Encode(text, specials ? [new ControlRange(0, text.Length)] : []);

    /// <summary>Ids to text; bytes that form no UTF-8 become U+FFFD as in <see cref="StreamingDetokenizer"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is not of the vocabulary.</exception>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecials)
    {
        var stream = new StreamingDetokenizer(this);
        var text = new StringBuilder();
        foreach (int id in ids)
        {
            DetokenizedPiece piece = stream.Append(id);
            text.Append(piece.Text);
            if (!skipSpecials)
            {
                text.Append(piece.Control);
            }
        }

        return text.Append(stream.Finish()).ToString();
    }

    /// <summary>The token as the vocabulary spells it (with U+2581 for a space, "&lt;0x0A&gt;" for a byte), to show it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is not of the vocabulary.</exception>
    public string Spelling(int id) => Encoding.UTF8.GetString(Bytes(id));

    /// <summary>Encodes text in which control tokens are recognised only inside the given ranges (ascending, disjoint); the text around them is not cut there.</summary>
    internal int[] Encode(ReadOnlySpan<char> text, ReadOnlySpan<ControlRange> ranges)
    {
        var ids = new List<int>((text.Length / 3) + 8);
        int plain = 0;
        foreach (AddedMatch match in _added.Find(text, ranges))
        {
            EncodePlain(match.Start > plain ? text[plain..match.Start] : [], ids);
            ids.Add(match.Id);
            plain = match.End;
        }

        EncodePlain(text[plain..], ids);
        return [.. ids];
    }

    /// <summary>The spelling of a token in UTF-8, with U+2581 for a space.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is not of the vocabulary.</exception>
    public ReadOnlySpan<byte> Bytes(int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(id, _tokens.Count);
        return _tokens[id];
    }

    /// <summary>Whether a token stands for one byte, and which.</summary>
    public bool TryGetByte(int id, out byte b) => _bytes.TryGetByte(id, out b);

    private static BpeTokenizer From(TokenizerJson json, string file) => new(json.Tokens, json.Merges, json.Added, file, "tokenizer.json");

    private void EncodePlain(ReadOnlySpan<char> text, List<int> ids)
    {
        if (text.IsEmpty)
        {
            return;
        }

        // At most three byte tokens for a character of the basic plane, four for a pair of characters.
        int[] symbols = System.Buffers.ArrayPool<int>.Shared.Rent(text.Length * 3);
        int count = 0;
        Span<byte> utf8 = stackalloc byte[4];
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf16(text, out Rune rune, out int used);
            text = text[used..];
            if (rune.Value == ' ')
            {
                rune = new Rune(Space);
            }

            int length = rune.EncodeToUtf8(utf8);
            int id = rune.IsBmp ? _characters[rune.Value] : _tokens.Find(utf8[..length]);
            if (id >= 0 && (rune.IsBmp || !Specials.IsControl(id)))
            {
                symbols[count++] = id;
                continue;
            }

            foreach (byte b in utf8[..length])
            {
                symbols[count++] = _bytes[b];
            }
        }

        int merged = BpeMerger.Merge(_merges, symbols.AsSpan(0, count));
        foreach (int id in symbols.AsSpan(0, merged))
        {
            AddPlain(id, ids);
        }

        System.Buffers.ArrayPool<int>.Shared.Return(symbols);
    }
    /// <summary>A merge must not end in a control token: then the text is spelled in bytes.</summary>
    private void AddPlain(int id, List<int> ids)
    {
        if (!Specials.IsControl(id))
        {
            ids.Add(id);
            return;
        }

        foreach (byte b in _tokens[id])
        {
            ids.Add(_bytes[b]);
        }
    }
}
