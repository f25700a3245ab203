using System;
using System.Collections.Generic;
using System.Text;
using GemmaVk.Text;

namespace GemmaVk.Server.Answers;

/// <summary>Follows an answer's tokens: what each spells, and where it stands.</summary>
/// <param name="tokenizer">Whose.</param>
/// <param name="inThought">Whether the answer begins inside a thought.</param>
internal sealed class TokenReader(BpeTokenizer tokenizer, bool inThought)
{
    private TokenPlace _place = inThought ? TokenPlace.Thought : TokenPlace.Content;

    /// <summary>Takes the next token.</summary>
    public AnswerToken Take(int id, bool drafted, double? logprob, IReadOnlyList<(int Id, double Logprob)> top)
    {
        SpecialTokens specials = tokenizer.Specials;
        TokenPlace place = specials.IsControl(id) && !(_place == TokenPlace.Call && id == specials.Quote) ? TokenPlace.Mark : _place;
        _place = id == specials.ChannelOpen ? TokenPlace.Thought
            : id == specials.ToolCallOpen ? TokenPlace.Call
            : id == specials.ChannelClose || id == specials.ToolCallClose ? TokenPlace.Content
            : _place;
        byte[] bytes = BytesOf(tokenizer, id);
        return new AnswerToken(id, TextOf(bytes), bytes, drafted, place, logprob, top);
    }

    /// <summary>The bytes that a token adds to a text; the spelling of a control token.</summary>
    public static byte[] BytesOf(BpeTokenizer tokenizer, int id)
    {
        if (tokenizer.TryGetByte(id, out byte single))
        {
            return [single];
        }

        ReadOnlySpan<byte> spelling = tokenizer.Bytes(id);
        return tokenizer.Specials.IsControl(id) ? spelling.ToArray() : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(spelling).Replace('\u2581', ' '));
    }

    /// <summary>Bytes as text, what is no whole character as U+FFFD.</summary>
    public static string TextOf(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
