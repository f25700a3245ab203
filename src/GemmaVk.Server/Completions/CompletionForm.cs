using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using GemmaVk.Runtime.Logits;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Http;
using GemmaVk.Text;

namespace GemmaVk.Server.Completions;

/// <summary>One prompt of a request, scored and answered.</summary>
/// <param name="Asked">What was asked.</param>
/// <param name="Choices">The answers; none where nothing was to be written.</param>
/// <param name="Scored">How likely the prompt was, where that was asked for.</param>
internal sealed record Completed(Asked Asked, IReadOnlyList<Choice> Choices, Likelihoods? Scored);

/// <summary>Writes answers as /v1/completions has them.</summary>
/// <param name="model">What answers.</param>
/// <param name="call">What was asked.</param>
internal sealed class CompletionForm(ServedModel model, CompletionCall call) : AnswerForm
{
    private readonly string _id = $"cmpl-{Guid.NewGuid():N}";
    private readonly long _created = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    // Where the text of each answer ends that was sent so far.
    private readonly Dictionary<int, int> _sent = [];

    /// <inheritdoc/>
    public override IEnumerable<StreamEvent> Begin(IReadOnlyList<Choice> choices) =>
        !call.Echo ? [] : choices.Select(choice => Chunk(choice.Index, PromptText(call.Prompts[0]), [], null));

    /// <inheritdoc/>
    public override IEnumerable<StreamEvent> More(Choice choice, Shown shown) => [Chunk(choice.Index, TextOf(shown), shown.Tokens, null)];

    /// <inheritdoc/>
    public override IEnumerable<StreamEvent> End(Choice choice, Spent spent, bool last) => [Chunk(choice.Index, "", [], Finish(choice), last && !call.Usage ? spent : null)];

    /// <inheritdoc/>
    public override IEnumerable<StreamEvent> After(IReadOnlyList<Choice> choices, Spent spent) => !call.Usage ? [] : [new StreamEvent(JsonText.Write(json =>
    {
        json.WriteStartObject();
        Head(json);
        json.WriteStartArray("choices");
        json.WriteEndArray();
        spent.WriteUsage(json, call.Prompts[0]);
        spent.WriteTimings(json, model);
        json.WriteEndObject();
    }))];

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Whole(IReadOnlyList<Choice> choices, Spent spent) => Whole([new Completed(call.Prompts[0], choices, null)], spent);

    /// <summary>The answers to all prompts.</summary>
    public ReadOnlyMemory<byte> Whole(IReadOnlyList<Completed> completed, Spent spent) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        Head(json);
        json.WriteStartArray("choices");
        int index = 0;
        foreach (Completed each in completed)
        {
            foreach (Choice? choice in each.Choices.DefaultIfEmpty<Choice?>(null))
            {
                Write(json, each, choice, index++);
            }
        }

        json.WriteEndArray();
        if (call.Prompts[0].Tokens)
        {
            TokenWriter.Write(json, completed.SelectMany(each => each.Choices).SelectMany(choice => choice.Tokens), model.Engine.Tokenizer);
        }

        spent.WriteUsage(json, call.Prompts[0]);
        spent.WriteTimings(json, model);
        json.WriteEndObject();
    });

    /// <summary>A text completion has no thoughts and calls: all that the model writes is text.</summary>
    public static string TextOf(Shown shown) => shown.Thinking + shown.Content + (shown.Call is { } made ? $"{made.Name}{made.Arguments}" : "");

    private void Write(Utf8JsonWriter json, Completed each, Choice? choice, int index)
    {
        json.WriteStartObject();
        json.WriteNumber("index", index);
        json.WriteString("text", (call.Echo ? PromptText(each.Asked) : "") + choice?.Written);
        if (call.Logprobs is null)
        {
            json.WriteNull("logprobs");
        }
        else
        {
            WriteLogprobs(json, Scored(each), choice?.Tokens ?? [], 0);
        }

        json.WriteString("finish_reason", choice is null ? "length" : Finish(choice));
        json.WriteEndObject();
    }

    private IReadOnlyList<AnswerToken> Scored(Completed each)
    {
        if (each.Scored is not { } scored)
        {
            return [];
        }

        TokenReader reader = new(model.Engine.Tokenizer, false);
        AnswerToken[] tokens = new AnswerToken[each.Asked.Rows.Length];
        for (int i = 0; i < tokens.Length; i++)
        {
            TokenLogprob? known = i < scored.From ? null : scored.Tokens[i - scored.From];
            tokens[i] = reader.Take(each.Asked.Rows.Ids[i], false, known?.Logprob, known is { } found ? [.. found.Top.Select(top => (top.Id, top.Logprob))] : []);
        }

        return tokens;
    }

    private int WriteLogprobs(Utf8JsonWriter json, IReadOnlyList<AnswerToken> prompt, IReadOnlyList<AnswerToken> answer, int offset)
    {
        AnswerToken[] tokens = [.. prompt, .. answer];
        json.WriteStartObject("logprobs");
        List(json, "tokens", tokens, token => json.WriteStringValue(token.Text));
        List(json, "token_logprobs", tokens, token =>
        {
            if (token.Logprob is { } logprob)
            {
                json.WriteNumberValue(TokenWriter.Finite(logprob));
            }
            else
            {
                json.WriteNullValue();
            }
        });
        List(json, "top_logprobs", tokens, token => WriteTop(json, token));
        int index = 0;
        List(json, "text_offset", tokens, token =>
        {
            json.WriteNumberValue(offset);
            // The text leaves out the prompt's <bos> and the answer's marks.
            bool isInText = index < prompt.Count ? index > 0 || token.Id != model.Engine.Tokenizer.Specials.Bos : token.Place != TokenPlace.Mark;
            offset += isInText ? Characters(token) : 0;
            index++;
        });
        json.WriteEndObject();
        return offset;
    }

    // Of several tokens that spell one character the first counts, as its leading byte tells.
    private static int Characters(AnswerToken token) => token.Bytes.Count(each => (each & 0xC0) != 0x80);

    // By text, as the API has it; of tokens that look alike the likelier stays. The token itself is there, whether it is among the likeliest or not.
    private void WriteTop(Utf8JsonWriter json, AnswerToken token)
    {
        if (token.Logprob is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        IEnumerable<(string Text, double Logprob)> likeliest = token.Top.Select(top => (TokenReader.TextOf(TokenReader.BytesOf(model.Engine.Tokenizer, top.Id)), top.Logprob));
        foreach ((string text, double logprob) in likeliest.Append((token.Text, token.Logprob.Value)).DistinctBy(top => top.Text))
        {
            json.WriteNumber(text, TokenWriter.Finite(logprob));
        }

        json.WriteEndObject();
    }

    private static void List(Utf8JsonWriter json, string name, AnswerToken[] tokens, Action<AnswerToken> write)
    {
        json.WriteStartArray(name);
        Array.ForEach(tokens, write);
        json.WriteEndArray();
    }

    private StreamEvent Chunk(int index, string text, IReadOnlyList<AnswerToken> tokens, string? finish, Spent? timings = null) => new(JsonText.Write(json =>
    {
        json.WriteStartObject();
        Head(json);
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", index);
        json.WriteString("text", text);
        if (call.Logprobs is null || tokens.Count == 0)
        {
            json.WriteNull("logprobs");
        }
        else
        {
            _sent[index] = WriteLogprobs(json, [], tokens, _sent.GetValueOrDefault(index));
        }

        json.WriteString("finish_reason", finish);
        json.WriteEndObject();
        json.WriteEndArray();
        if (call.Prompts[0].Tokens && tokens.Count > 0)
        {
            TokenWriter.Write(json, tokens, model.Engine.Tokenizer);
        }

        timings?.WriteTimings(json, model);
        json.WriteEndObject();
    }));

    private void Head(Utf8JsonWriter json)
    {
        json.WriteString("id", _id);
        json.WriteString("object", "text_completion");
        json.WriteNumber("created", _created);
        json.WriteString("model", model.Name);
        json.WriteString("system_fingerprint", model.Fingerprint);
    }

    private static string Finish(Choice choice) => choice.Finish == "length" ? "length" : "stop";

    private string PromptText(Asked asked)
    {
        BpeTokenizer tokenizer = model.Engine.Tokenizer;
        ReadOnlySpan<int> ids = asked.Rows.Ids;
        return tokenizer.Decode(ids.Length > 0 && ids[0] == tokenizer.Specials.Bos ? ids[1..] : ids, skipSpecials: false);
    }
}
