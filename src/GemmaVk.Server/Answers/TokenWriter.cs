using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using GemmaVk.Text;

namespace GemmaVk.Server.Answers;

/// <summary>Writes single tokens: for the page, which shows each with what is known of it, and as OpenAI's logprobs.</summary>
internal static class TokenWriter
{
    /// <summary>"tokens": id, text, drafted, where it stands, and its likelihood with alternatives where that was asked for.</summary>
    public static void Write(Utf8JsonWriter json, IEnumerable<AnswerToken> tokens, BpeTokenizer tokenizer)
    {
        json.WriteStartArray("tokens");
        foreach (AnswerToken token in tokens)
        {
            json.WriteStartObject();
            json.WriteNumber("id", token.Id);
            json.WriteString("text", token.Text);
            json.WriteBoolean("drafted", token.Drafted);
            json.WriteString("place", token.Place switch
            {
                TokenPlace.Content => "content",
                TokenPlace.Thought => "thought",
                TokenPlace.Call => "call",
                _ => "mark",
            });
            if (token.Logprob is { } logprob)
            {
                json.WriteNumber("logprob", Finite(logprob));
                json.WriteStartArray("top");
                foreach ((int id, double other) in token.Top)
                {
                    json.WriteStartObject();
                    json.WriteNumber("id", id);
                    json.WriteString("text", TokenReader.TextOf(TokenReader.BytesOf(tokenizer, id)));
                    json.WriteNumber("logprob", Finite(other));
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>A token as OpenAI's logprobs have it: token, logprob, bytes, top_logprobs.</summary>
    public static void WriteLogprob(Utf8JsonWriter json, AnswerToken token, BpeTokenizer tokenizer, int most)
    {
        json.WriteStartObject();
        Fields(json, token.Bytes, token.Logprob ?? 0);
        json.WriteStartArray("top_logprobs");
        foreach ((int id, double logprob) in token.Top.Take(most))
        {
            json.WriteStartObject();
            Fields(json, TokenReader.BytesOf(tokenizer, id), logprob);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A likelihood as JSON can write it: OpenAI's least is -9999.</summary>
    public static double Finite(double logprob) => double.IsFinite(logprob) ? Math.Round(logprob, 9) : -9999;

    private static void Fields(Utf8JsonWriter json, byte[] bytes, double logprob)
    {
        json.WriteString("token", TokenReader.TextOf(bytes));
        json.WriteNumber("logprob", Finite(logprob));
        json.WriteStartArray("bytes");
        foreach (byte b in bytes)
        {
            json.WriteNumberValue(b);
        }

        json.WriteEndArray();
    }
}
