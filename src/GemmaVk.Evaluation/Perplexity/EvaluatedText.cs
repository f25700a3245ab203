using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using GemmaVk.Text;

namespace GemmaVk.Evaluation.Perplexity;

/// <summary>A text as a model's tokenizer cuts it, and what makes both known again.</summary>
public sealed class EvaluatedText
{
    private EvaluatedText(int[] ids, long bytes, string textHash, string tokenizerHash) => (Ids, Bytes, TextHash, TokenizerHash) = (ids, bytes, textHash, tokenizerHash);

    /// <summary>The tokens, without bos.</summary>
    public int[] Ids { get; }

    /// <summary>Its length in UTF-8.</summary>
    public long Bytes { get; }

    /// <summary>SHA-256 of its UTF-8 and of its tokens, in hexadecimal digits.</summary>
    public string TextHash { get; }

    /// <summary>SHA-256 of the vocabulary, the same for a tokenizer.json and a GGUF file that hold the same tokens.</summary>
    public string TokenizerHash { get; }

    /// <summary>Cuts a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="tokenizer">What cuts it.</param>
    /// <param name="specials">Whether control tokens are read as such, as in conversations that are written out; otherwise they are text like any other.</param>
    public static EvaluatedText Of(string text, BpeTokenizer tokenizer, bool specials = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(tokenizer);
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        int[] ids = tokenizer.Encode(text, specials);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(utf8);
        hash.AppendData(MemoryMarshal.AsBytes(ids.AsSpan()));
        return new EvaluatedText(ids, utf8.Length, Convert.ToHexStringLower(hash.GetHashAndReset()), HashOf(tokenizer));
    }

    /// <summary>Bytes of text that a token stands for.</summary>
    public static int BytesOf(BpeTokenizer tokenizer, int id)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        if (tokenizer.TryGetByte(id, out _))
        {
            return 1;
        }

        // U+2581, which takes three bytes, is spelled for a space.
        ReadOnlySpan<byte> spelling = tokenizer.Bytes(id);
        int spaces = 0;
        for (ReadOnlySpan<byte> rest = spelling; rest.IndexOf("\u2581"u8) is >= 0 and var at; rest = rest[(at + 3)..])
        {
            spaces++;
        }

        return spelling.Length - (2 * spaces);
    }

    private static string HashOf(BpeTokenizer tokenizer)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[4];
        for (int id = 0; id < tokenizer.VocabularySize; id++)
        {
            ReadOnlySpan<byte> spelling = tokenizer.Bytes(id);
            BinaryPrimitives.WriteInt32LittleEndian(length, spelling.Length);
            hash.AppendData(length);
            hash.AppendData(spelling);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
