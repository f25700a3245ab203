using System;
using System.Collections.Generic;
using System.Text;

namespace GemmaVk.Weights.Gguf;

/// <summary>
/// The vocabulary that a GGUF file carries: spellings by id, kinds, merges. Bytes lie in one array per list; nothing is made per token. A tokenizer is
/// made of it where text is known.
/// </summary>
public sealed class GgufVocabulary
{
    /// <summary>Tokens at most: four times the released vocabulary.</summary>
    private const int MostTokens = 1 << 20;

    private const string Tokens = "tokenizer.ggml.tokens", Kinds = "tokenizer.ggml.token_type", MergeList = "tokenizer.ggml.merges";
    private const int Control = 3, UserDefined = 4;

    private readonly GgufMetadata _metadata;
    private readonly byte[] _text;
    private readonly int[] _starts;
    private readonly int[] _kinds;
    private readonly Dictionary<string, int> _media = [];

    /// <summary>Tokens that stand for media or enclose them, by their keys in config.json.</summary>
    internal static readonly (string Key, string Spelling)[] MediaTokens =
    [
        ("boi_token_id", "<|image>"), ("image_token_id", "<|image|>"), ("eoi_token_id", "<image|>"), ("boa_token_id", "<|audio>"),
        ("audio_token_id", "<|audio|>"), ("eoa_token_index", "<audio|>"), ("video_token_id", "<|video|>"),
    ];

    internal GgufVocabulary(GgufMetadata metadata)
    {
        _metadata = metadata;
        if (metadata.Text("tokenizer.ggml.model") is var model and not "gemma4")
        {
            throw metadata.Wrong("tokenizer.ggml.model", "\"gemma4\", byte-pair encoding with byte fallback", model is null ? "absent" : $"\"{model}\"");
        }

        if (metadata.Length(Tokens) is > MostTokens)
        {
            throw metadata.Wrong(Tokens, $"a list of at most {MostTokens} tokens", $"one of {metadata.Length(Tokens)}");
        }

        metadata.Texts(Tokens, out _text, out _starts);
        _kinds = metadata.Wholes(Kinds, MostTokens) ?? throw metadata.Wrong(Kinds, "a list of kinds, one per token", "absent");
        if (_kinds.Length != Count)
        {
            throw metadata.Wrong(Kinds, $"a list of {Count} kinds, one per token", $"one of {_kinds.Length}");
        }

        if (metadata.Flag("tokenizer.ggml.add_space_prefix") == true)
        {
            throw metadata.Wrong("tokenizer.ggml.add_space_prefix", "false: no space is put before a text", "true");
        }

        foreach ((string key, string spelling) in MediaTokens)
        {
            _media[key] = Find(spelling) ?? throw metadata.Wrong(Tokens, $"a Gemma 4 vocabulary with {spelling}", "one without it");
        }
    }

    /// <summary>The ids of <see cref="MediaTokens"/>.</summary>
    internal IReadOnlyDictionary<string, int> Media => _media;

    /// <summary>The file, for messages.</summary>
    public string File => _metadata.Path;

    /// <summary>Number of tokens.</summary>
    public int Count => _starts.Length - 1;

    /// <summary>Bytes of all spellings and merges in the file.</summary>
    public long Bytes => _text.Length + _metadata.Bytes(MergeList);

    /// <summary>The spelling of a token in UTF-8.</summary>
    public ReadOnlySpan<byte> this[int id] => _text.AsSpan(_starts[id], _starts[id + 1] - _starts[id]);

    /// <summary>Whether a token is cut out of a text before merging: a control token, or a word that the publisher added.</summary>
    public bool IsAdded(int id) => _kinds[id] is Control or UserDefined || _media.ContainsValue(id);

    /// <summary>Whether a token steers and is no text.</summary>
    public bool IsControl(int id) => _kinds[id] == Control || _media.ContainsValue(id);

    /// <summary>Reads the merges: "left right", the first merged first.</summary>
    /// <param name="text">All bytes.</param>
    /// <param name="starts">Where each begins, and the end.</param>
    /// <exception cref="Tensors.GemmaVkException">There are none.</exception>
    public void Merges(out byte[] text, out int[] starts) => _metadata.Texts(MergeList, out text, out starts);

    /// <summary>The id of a spelling, or null.</summary>
    internal int? Find(string spelling)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(spelling);
        for (int id = 0; id < Count; id++)
        {
            if (this[id].SequenceEqual(utf8))
            {
                return id;
            }
        }

        return null;
    }
}
