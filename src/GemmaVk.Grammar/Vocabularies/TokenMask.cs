using System;
using System.Numerics;

namespace GemmaVk.Grammar.Vocabularies;

/// <summary>
/// The tokens that may follow, as kept: a shared row of bits, a few tokens less and a few more. A whole row of 262,144 bits has 32 KiB, and
/// an answer meets thousands of masks that differ in a few tokens.
/// </summary>
internal sealed class TokenMask(uint[]? shared, int[] less, int[] more, bool owned = false)
{
    /// <summary>About how much memory it keeps for itself.</summary>
    public long Bytes { get; } = 100 + (4L * (less.Length + more.Length + (owned ? shared!.Length : 0)));

    /// <summary>For a lexeme's mask that was built without its bound: the bound from which on it holds.</summary>
    public int Longest { get; set; }

    /// <summary>Writes one bit for each token: bit t mod 32 of word t / 32.</summary>
    public void Fill(Span<uint> words)
    {
        if (shared is null)
        {
            words.Clear();
        }
        else
        {
            shared.CopyTo(words);
        }

        foreach (int token in less)
        {
            words[token >> 5] &= ~(1u << token);
        }

        foreach (int token in more)
        {
            words[token >> 5] |= 1u << token;
        }
    }

    /// <summary>Number of bits in a row.</summary>
    public static int Count(ReadOnlySpan<uint> words)
    {
        int count = 0;
        foreach (uint word in words)
        {
            count += BitOperations.PopCount(word);
        }

        return count;
    }
}
