using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Tensors;
using Microsoft.Extensions.AI;

namespace GemmaVk.Hybrid.Sending;

/// <summary>An answer of /chat/completions as it comes: words, then calls, then what it took.</summary>
/// <param name="endpoint">Whose.</param>
internal sealed class CompletionStream(Endpoint endpoint)
{
    private const int MostCharacters = 16 << 20;
    private const int MostCalls = 128;
    private readonly SortedDictionary<int, Call> _calls = [];
    private long _characters;

    /// <summary>What it took, where the endpoint said so.</summary>
    public UsageDetails? Usage { get; private set; }

    /// <summary>The answer.</summary>
    /// <exception cref="GemmaVkException">It is no such stream, or larger than any answer.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> Read(Stream body, [EnumeratorCancellation] CancellationToken cancel)
    {
        string id = Guid.NewGuid().ToString("N");
        ChatFinishReason? finish = null;
        await foreach (SseItem<string> item in SseParser.Create(new CappedStream(body, MostCharacters), (_, data) => Encoding.UTF8.GetString(data)).EnumerateAsync(cancel).ConfigureAwait(false))
        {
            if (item.Data == "[DONE]")
            {
                break;
            }

            foreach (AIContent content in Take(item.Data, ref finish))
            {
                yield return Update([content]);
            }
        }

        List<AIContent> last = [.. _calls.Values.Select(call => (AIContent)new FunctionCallContent(call.Id, call.Name, Arguments(call)))];
        if (Usage is { } usage)
        {
            last.Add(new UsageContent(usage));
        }

        ChatResponseUpdate end = Update(last);
        end.FinishReason = _calls.Count > 0 ? ChatFinishReason.ToolCalls : finish ?? ChatFinishReason.Length;
        yield return end;

        ChatResponseUpdate Update(IList<AIContent> contents) => new(ChatRole.Assistant, contents) { ResponseId = id, MessageId = id, ModelId = endpoint.Model };
    }

    private IEnumerable<AIContent> Take(string data, ref ChatFinishReason? finish)
    {
        List<AIContent> contents = [];
        try
        {
            JsonElement chunk = JsonElement.Parse(data);
            if (chunk.TryGetProperty("error", out JsonElement error))
            {
                throw new GemmaVkException($"endpoint {endpoint.Name} ended its answer: {Shortened(error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out JsonElement said) ? said.ToString() : error.ToString())}");
            }

            if (chunk.TryGetProperty("usage", out JsonElement usage) && usage.ValueKind == JsonValueKind.Object)
            {
                Usage = new UsageDetails { InputTokenCount = Count(usage, "prompt_tokens"), OutputTokenCount = Count(usage, "completion_tokens") };
                Usage.TotalTokenCount = Usage.InputTokenCount + Usage.OutputTokenCount;
            }

            if (!chunk.TryGetProperty("choices", out JsonElement choices) || choices.ValueKind != JsonValueKind.Array || choices.GetArrayLength() == 0)
            {
                return contents;
            }

            JsonElement choice = choices[0];
            if (choice.TryGetProperty("delta", out JsonElement delta) && delta.ValueKind == JsonValueKind.Object)
            {
                if (Text(delta, "content") is { Length: > 0 } words)
                {
                    contents.Add(new TextContent(words));
                }

                if (delta.TryGetProperty("tool_calls", out JsonElement calls) && calls.ValueKind == JsonValueKind.Array)
                {
                    calls.EnumerateArray().ToList().ForEach(TakeCall);
                }
            }

            finish = Text(choice, "finish_reason") switch { "stop" => ChatFinishReason.Stop, "length" => ChatFinishReason.Length, "content_filter" => ChatFinishReason.ContentFilter, "tool_calls" => ChatFinishReason.ToolCalls, _ => finish };
            return contents;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new GemmaVkException($"endpoint {endpoint.Name}: expected an answer of /chat/completions, but {Complaint.Of(e)} Check its \"url\".", e);
        }
    }

    private void TakeCall(JsonElement piece)
    {
        int index = piece.TryGetProperty("index", out JsonElement at) && at.TryGetInt32(out int number) ? number : _calls.Count;
        if (!_calls.TryGetValue(index, out Call? call))
        {
            if (_calls.Count == MostCalls)
            {
                throw new GemmaVkException($"endpoint {endpoint.Name}: expected at most {MostCalls} calls in an answer, but more came; ask again.");
            }

            _calls[index] = call = new Call();
        }

        call.Id = Text(piece, "id") ?? call.Id;
        if (piece.TryGetProperty("function", out JsonElement function))
        {
            call.Name += Text(function, "name");
            call.Arguments.Append(Text(function, "arguments"));
        }
    }

    private Dictionary<string, object?> Arguments(Call call)
    {
        try
        {
            JsonElement arguments = JsonElement.Parse(call.Arguments.Length == 0 ? "{}" : call.Arguments.ToString());
            return arguments.EnumerateObject().ToDictionary(pair => pair.Name, pair => (object?)pair.Value);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new GemmaVkException($"endpoint {endpoint.Name}: expected arguments of {VisibleText.Line(call.Name)} as a JSON object, but {Complaint.Of(e)} Ask again.", e);
        }
    }

    private string? Text(JsonElement owner, string name)
    {
        if (!owner.TryGetProperty(name, out JsonElement value) || value.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        string text = value.GetString()!;
        _characters += text.Length;
        return _characters <= MostCharacters ? text : throw new GemmaVkException($"endpoint {endpoint.Name}: expected at most {MostCharacters >> 20} million characters of an answer, but more came; it was left.");
    }

    private static long? Count(JsonElement usage, string name) => usage.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long count) && count >= 0 ? count : null;

    private static string Shortened(string text) => VisibleText.Sentence(text.Length <= 300 ? text : text[..300] + "...");

    private sealed class Call
    {
        public string Id { get; set; } = $"call_{Guid.NewGuid():N}";

        public string Name { get; set; } = "";

        public StringBuilder Arguments { get; } = new();
    }
}
