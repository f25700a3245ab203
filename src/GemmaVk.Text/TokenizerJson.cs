using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace GemmaVk.Text;

/// <summary>
/// A tokenizer.json of the Gemma family, read in one pass over its bytes: BPE with byte fallback over a vocabulary and its merges,
/// spaces written as U+2581, and the control tokens as added tokens. Anything else in the file is refused rather than half understood.
/// Source: the "tokenizers" file format as the released checkpoints use it.
/// </summary>
internal sealed partial class TokenizerJson
{
    /// <summary>The released file has 32 MB; more than this is another kind of file.</summary>
    private const long LargestFile = 1L << 28;

    /// <summary>Editors on Windows put it in front.</summary>
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private readonly string _file;
    private readonly Dictionary<string, AddedToken> _added = [];
    private TokenTable.Builder? _vocabulary;
    private TokenTable? _tokens;
    private MergeTable? _merges;
    private byte[] _left = new byte[256];
    private byte[] _right = new byte[256];

    private TokenizerJson(string file) => _file = file;

    /// <summary>All tokens, the added ones included.</summary>
    public TokenTable Tokens => _tokens!;

    /// <summary>The merges.</summary>
    public MergeTable Merges => _merges!;

    /// <summary>The added tokens: control tokens, and words of the text.</summary>
    public IReadOnlyCollection<AddedToken> Added => _added.Values;

    /// <summary>Reads a file.</summary>
    /// <exception cref="TextException">The file is missing, unreadable or malformed.</exception>
    public static TokenizerJson Load(string path)
    {
        try
        {
            long size = new FileInfo(path).Length;
            if (size > LargestFile)
            {
                throw new TextException($"{path}: {size} bytes are too many for a tokenizer.json (at most {LargestFile}); name the tokenizer.json of the checkpoint.");
            }

            return Parse(File.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TextException($"{path}: cannot read the tokenizer ({e.Message}); the checkpoint folder must hold a tokenizer.json.", e);
        }
    }

    /// <summary>Reads bytes; <paramref name="file"/> names them in errors.</summary>
    /// <exception cref="TextException">The bytes are malformed.</exception>
    public static TokenizerJson Parse(ReadOnlySpan<byte> utf8, string file)
    {
        var json = new TokenizerJson(file);
        utf8 = utf8.StartsWith(ByteOrderMark) ? utf8[ByteOrderMark.Length..] : utf8;
        if (utf8 is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] or [0, _, ..] or [_, 0, ..])
        {
            throw new TextException($"{file}: not a usable tokenizer.json: it is UTF-16 text, and must be UTF-8. Save it as UTF-8.");
        }

        if (!Utf8.IsValid(utf8))
        {
            throw json.Fault("it is not valid UTF-8 text");
        }

        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            json.ReadRoot(ref reader, utf8.Length);
            return json;
        }
        catch (JsonException e)
        {
            throw new TextException($"{file}: not a tokenizer.json: it is not valid JSON ({e.Message}). Download the file again.", e);
        }
        catch (InvalidOperationException e)
        {
            // The reader reports an escaped half of a surrogate pair this way.
            throw new TextException($"{file}: not a tokenizer.json: a string in it is not valid text ({e.Message}). Download the file again.", e);
        }
    }

    private void ReadRoot(ref Utf8JsonReader reader, int size)
    {
        bool model = false;
        bool normalizer = false;
        bool added = false;
        var seen = new HashSet<string>();
        Start(ref reader, JsonTokenType.StartObject, "the file");
        while (Next(ref reader, seen, out string key))
        {
            switch (key)
            {
                case "model":
                    ReadModel(ref reader, size);
                    model = true;
                    break;
                case "added_tokens":
                    ReadAdded(ref reader);
                    added = true;
                    break;
                case "normalizer":
                    CheckNormalizer(JsonElement.ParseValue(ref reader));
                    normalizer = true;
                    break;
                case "pre_tokenizer":
                    CheckPreTokenizer(JsonElement.ParseValue(ref reader));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        reader.Read();
        Require(model, "it has no \"model\"");
        Require(normalizer, "it has no \"normalizer\"; Gemma writes a space as U+2581 through one");
        Require(added, "it has no \"added_tokens\", where the control tokens stand");
        CheckAdded();
    }

    private void ReadModel(ref Utf8JsonReader reader, int size)
    {
        Require(reader.TokenType == JsonTokenType.StartObject, "\"model\" is not an object");
        bool bpe = false;
        bool fallback = false;
        bool merges = false;
        Utf8JsonReader later = default;
        bool deferred = false;
        var seen = new HashSet<string>();
        while (Next(ref reader, seen, out string key))
        {
            switch (key)
            {
                case "type":
                    Require(reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("BPE"u8), "its model is not of type \"BPE\"");
                    bpe = true;
                    break;
                case "vocab":
                    ReadVocabulary(ref reader, size);
                    break;
                case "merges" when _tokens is null:
                    later = reader;
                    deferred = merges = true;
                    reader.Skip();
                    break;
                case "merges":
                    ReadMerges(ref reader);
                    merges = true;
                    break;
                case "byte_fallback":
                    Require(reader.TokenType == JsonTokenType.True, "\"byte_fallback\" is not true");
                    fallback = true;
                    break;
                case "ignore_merges":
                    Require(reader.TokenType is JsonTokenType.False or JsonTokenType.Null, "\"ignore_merges\" is set, which no Gemma vocabulary does");
                    break;
                case "dropout" or "continuing_subword_prefix" or "end_of_word_suffix":
                    bool none = reader.TokenType == JsonTokenType.Null || (reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(""u8));
                    Require(none, $"\"{key}\" is set, which no Gemma vocabulary does");
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        Require(bpe, "its model has no \"type\"; it must be \"BPE\"");
        Require(_tokens is not null, "its model has no \"vocab\"");
        Require(merges, "its model has no \"merges\"");
        Require(fallback, "its model does not say \"byte_fallback\": true");
        if (deferred)
        {
            ReadMerges(ref later);
        }
    }

    private void ReadVocabulary(ref Utf8JsonReader reader, int size)
    {
        Require(reader.TokenType == JsonTokenType.StartObject, "\"vocab\" is not an object of token: id");
        _vocabulary = new TokenTable.Builder(size / 8);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadOnlySpan<byte> text = Spelling(ref reader, ref _left);
            bool number = reader.Read() && reader.TokenType == JsonTokenType.Number;
            if (!number || !reader.TryGetInt32(out int id) || id < 0)
            {
                throw Fault($"the token \"{Encoding.UTF8.GetString(text)}\" has no id that is a whole number");
            }

            _vocabulary.Add(text, id);
        }

        Build();
    }

    private void Build()
    {
        try
        {
            _tokens = _vocabulary!.Build();
        }
        catch (TextException e)
        {
            throw Fault(e.Message);
        }
    }

    private void ReadMerges(ref Utf8JsonReader reader)
    {
        Require(reader.TokenType == JsonTokenType.StartArray, "\"merges\" is not a list");
        var merges = new List<(int, int, int)>(_tokens!.Count);
        byte[] joined = new byte[512];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            ReadOnlySpan<byte> left;
            ReadOnlySpan<byte> right;
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                bool first = reader.Read() && reader.TokenType == JsonTokenType.String;
                left = first ? Spelling(ref reader, ref _left) : default;
                bool second = first && reader.Read() && reader.TokenType == JsonTokenType.String;
                right = second ? Spelling(ref reader, ref _right) : default;
                bool closed = second && reader.Read() && reader.TokenType == JsonTokenType.EndArray;
                if (!closed)
                {
                    throw Fault($"merge {merges.Count} is not a pair of two tokens");
                }
            }
            else
            {
                ReadOnlySpan<byte> pair = reader.TokenType == JsonTokenType.String ? Spelling(ref reader, ref _left) : default;
                int space = pair.IndexOf((byte)' ');
                if (space < 0 || pair[(space + 1)..].Contains((byte)' '))
                {
                    throw Fault($"merge {merges.Count} is not of the form \"left right\"");
                }

                left = pair[..space];
                right = pair[(space + 1)..];
            }

            int length = left.Length + right.Length;
            if (joined.Length < length)
            {
                joined = new byte[length * 2];
            }

            left.CopyTo(joined);
            right.CopyTo(joined.AsSpan(left.Length));
            int a = _tokens.Find(left);
            int b = _tokens.Find(right);
            int merged = _tokens.Find(joined.AsSpan(0, length));
            if (a < 0 || b < 0 || merged < 0)
            {
                string unknown = Encoding.UTF8.GetString(a < 0 ? left : b < 0 ? right : joined.AsSpan(0, length));
                throw Fault($"merge {merges.Count} needs the token \"{unknown}\", which the vocabulary does not have");
            }

            merges.Add((a, b, merged));
        }

        _merges = new MergeTable(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(merges), out int doubled);
        Require(doubled < 0, $"merge {doubled} repeats an earlier one");
    }

    private static ReadOnlySpan<byte> Spelling(scoped ref Utf8JsonReader reader, scoped ref byte[] scratch)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan;
        }

        if (scratch.Length < reader.ValueSpan.Length)
        {
            scratch = new byte[reader.ValueSpan.Length * 2];
        }

        return scratch.AsSpan(0, reader.CopyString(scratch));
    }
}
