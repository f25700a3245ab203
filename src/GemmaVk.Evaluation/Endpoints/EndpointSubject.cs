using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Evaluation.Questions;
using GemmaVk.Evaluation.Subjects;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Evaluation.Endpoints;

/// <summary>A model behind a server in OpenAI's form: chat completions write answers, completions with echo weigh choices.</summary>
/// <param name="endpoint">The server; stays the caller's.</param>
/// <param name="options">How it is asked.</param>
/// <param name="model">The model that is named in requests.</param>
/// <param name="maxTokens">Most tokens of an answer where its question does not say; null leaves it to the server.</param>
public sealed class EndpointSubject(Endpoint endpoint, EndpointOptions options, string model, int? maxTokens = null) : ISubject
{
    /// <inheritdoc/>
    public async Task<GivenAnswer> AnswerAsync(Question question, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(question);
        string path = question.Raw ? "completions" : "chat/completions";
        byte[] body = ChatBody.Write(question, model, question.MaxTokens ?? maxTokens);
        using JsonDocument answer = await endpoint.PostAsync(path, body, cancel).ConfigureAwait(false);
        return Read(path, () =>
        {
            JsonElement choice = answer.RootElement.GetProperty("choices")[0];
            int tokens = answer.RootElement.TryGetProperty("usage", out JsonElement usage) && usage.ValueKind == JsonValueKind.Object && usage.TryGetProperty("completion_tokens", out JsonElement count) ? count.GetInt32() : 0;
            if (question.Raw)
            {
                return new GivenAnswer(choice.GetProperty("text").GetString() ?? "", [], tokens);
            }

            JsonElement message = choice.GetProperty("message");
            string text = message.TryGetProperty("content", out JsonElement content) && content.ValueKind == JsonValueKind.String ? content.GetString()! : "";
            return new GivenAnswer(text, [.. Calls(message)], tokens);
        });
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<double>> WeighAsync(Question question, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(question);
        string context = Context(question);
        List<double> weights = [];
        foreach (string choice in question.Expected.Texts)
        {
            using JsonDocument answer = await endpoint.PostAsync("completions", ChatBody.Weighing(context + choice, model), cancel).ConfigureAwait(false);
            weights.Add(Read("completions", () => Sum(answer.RootElement.GetProperty("choices")[0], choice)));
        }

        return weights;
    }

    /// <summary>What stands before a choice.</summary>
    private string Context(Question question)
    {
        if (question.Raw)
        {
            return question.Messages[0].Parts[0].Value;
        }

        if (!options.GemmaTurns)
        {
            throw new GemmaVkException("choices behind a conversation: expected \"raw\": true with the text as the model is to see it, because a server does not tell how it writes turns; or, for a server that runs Gemma 4, --endpoint-turns gemma4.");
        }

        return question.Messages.All(message => message.Parts.All(part => part.Kind == ChatPartKind.Text))
            ? EngineSubject.Render(question, [.. question.Messages.Select(message => new ChatMessage(message.Role, string.Concat(message.Parts.Select(part => part.Value))))]).Text
            : throw new GemmaVkException("choices beside pictures, sounds or clips: expected text alone, because completions take no media; ask for an answer instead, or weigh them with a model in this program.");
    }

    /// <summary>
    /// The log-likelihood of the last tokens of an echoed text, those that a choice is spelled with. Offsets count characters (Unicode scalars); a token
    /// that begins before the choice and reaches into it, as one with a blank in front, belongs to it.
    /// </summary>
    private static double Sum(JsonElement choice, string text)
    {
        JsonElement logprobs = choice.GetProperty("logprobs");
        double?[] values = [.. logprobs.GetProperty("token_logprobs").EnumerateArray().Select(each => each.ValueKind == JsonValueKind.Null ? (double?)null : each.GetDouble())];
        int[] offsets = [.. logprobs.GetProperty("text_offset").EnumerateArray().Select(each => each.GetInt32())];
        int start = Characters(choice.GetProperty("text").GetString()!) - Characters(text);
        int first = Array.FindLastIndex(offsets, offset => offset <= start);
        return first > 0 && values.Length == offsets.Length && values.Skip(first).All(value => value is not null)
            ? values.Skip(first).Sum(value => value!.Value)
            : throw new FormatException("its logprobs do not cover the echoed text");
    }

    private static int Characters(string text) => text.EnumerateRunes().Count();

    private static IEnumerable<ToolCall> Calls(JsonElement message)
    {
        if (!message.TryGetProperty("tool_calls", out JsonElement calls) || calls.ValueKind != JsonValueKind.Array)
        {
            yield break;
        }

        foreach (JsonElement call in calls.EnumerateArray())
        {
            JsonElement function = call.GetProperty("function");
            yield return new ToolCall(function.GetProperty("name").GetString() ?? "", function.GetProperty("arguments").Clone());
        }
    }

    private static T Read<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw new EndpointException($"/{path}: expected an answer in OpenAI's form, but {error.Message.TrimEnd('.')}; {(path == "completions" ? "the server may not support echo with logprobs" : "check what kind of server it is")}.", error);
        }
    }
}
