using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using GemmaVk.Grammar;
using GemmaVk.Text;

namespace GemmaVk.Structured;

/// <summary>
/// Text that must come, as tokens. They are offered as drafts: the model still draws each of them under its mask, so that another way to spell the same text stays
/// possible, and no token depends on what was offered.
/// </summary>
internal static class CertainText
{
    /// <summary>Fewer bytes are not worth a row.</summary>
    private const int LeastBytes = 2;

    private const int MostBytes = 64;

    /// <summary>The tokens, but the last one where it may grow together with what follows.</summary>
    public static int[] Tokens(Constraint grammar, GrammarPosition position, BpeTokenizer tokenizer)
    {
        byte[] bytes = grammar.Forced(position, MostBytes);
        if (bytes.Length < LeastBytes || (bytes[0] & 0xC0) == 0x80)
        {
            return [];
        }

        bool ends = grammar.TryAdvance(position, bytes, out GrammarPosition last) && last.IsEnd;
        List<int> tokens = [];
        int at = 0;
        while (at < bytes.Length)
        {
            int mark = Array.IndexOf(bytes, Vocabulary.QuoteByte, at);
            int end = mark < 0 ? Whole(bytes) : mark;
            int[] piece = end > at ? tokenizer.Encode(Encoding.UTF8.GetString(bytes, at, end - at), specials: false) : [];
            tokens.AddRange(mark < 0 && !ends ? piece.Take(piece.Length - 1) : piece);
            if (mark < 0)
            {
                break;
            }

            tokens.Add(tokenizer.Specials.Quote);
            at = mark + 1;
        }

        return [.. tokens];
    }

    /// <summary>How many bytes are whole characters.</summary>
    private static int Whole(byte[] bytes)
    {
        int end = bytes.Length;
        while (end > 0 && (bytes[end - 1] & 0xC0) == 0x80)
        {
            end--;
        }

        // What stands before the last character's continuation is its beginning; where it lacks some, it goes.
        int length = end == 0 ? 0 : bytes[end - 1] switch { < 0x80 => 1, < 0xE0 => 2, < 0xF0 => 3, _ => 4 };
        return end - 1 + length <= bytes.Length ? bytes.Length : Math.Max(0, end - 1);
    }
}
