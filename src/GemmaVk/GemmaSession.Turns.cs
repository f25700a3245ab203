using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using GemmaVk.Runtime.Media;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk;

/// <summary>What can be changed in a conversation that has begun: results of calls, the newest turn, the system text.</summary>
public sealed partial class GemmaSession
{
    private IReadOnlyList<ToolDeclaration> _tools = [];
    private IReadOnlyList<ToolCall> _calls = [];

    /// <summary>Calls of the newest answer that wait for their results; <see cref="Reply"/> goes on from them.</summary>
    public IReadOnlyList<ToolCall> OpenCalls => _calls;

    /// <summary>Gives the results of the newest answer's calls, and lets the model go on in the same turn.</summary>
    /// <param name="results">One JSON value for each of <see cref="OpenCalls"/>, in their order.</param>
    /// <param name="options">How to draw, and whether it thinks; system text and tools stay what they are.</param>
    /// <param name="onDelta">Called with what each token adds to thinking and answer.</param>
    /// <param name="cancel">Ends the answer; the conversation can go on.</param>
    /// <exception cref="GemmaVkException">No call waits, there is another number of results, or they do not fit into the context.</exception>
    public Answer Reply(IReadOnlyList<JsonElement> results, AskOptions options, Action<ResponseDelta>? onDelta = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(results);
        return Reply([.. results.Select(result => new ToolOutput(result))], options, onDelta, cancel);
    }

    /// <summary>Gives the results of the newest answer's calls, with pictures, sounds and clips, and lets the model go on in the same turn.</summary>
    /// <param name="results">One for each of <see cref="OpenCalls"/>, in their order.</param>
    /// <param name="options">How to draw, and whether it thinks; system text and tools stay what they are.</param>
    /// <param name="onDelta">Called with what each token adds to thinking and answer.</param>
    /// <param name="cancel">Ends the answer; the conversation can go on.</param>
    /// <exception cref="GemmaVkException">No call waits, there is another number of results, they do not fit, or the model cannot take a part.</exception>
    public Answer Reply(IReadOnlyList<ToolOutput> results, AskOptions options, Action<ResponseDelta>? onDelta = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(results);
        ArgumentNullException.ThrowIfNull(options);
        if (_calls.Count == 0 || results.Count != _calls.Count)
        {
            throw new GemmaVkException($"results of calls: expected {_calls.Count}, one for each call of the newest answer, but {results.Count} came; give as many.");
        }

        (List<MediaItem> items, List<Medium> media) = Media(_engine, [.. results.SelectMany(result => result.Media)]);
        ChatPrompt written = Expand(Render(Called(_calls, results), [], new ChatOptions { EnableThinking = options.Think }), items);
        int[] ids = written.Encode(_engine.Tokenizer);
        int from = Array.IndexOf(ids, _engine.Tokenizer.Specials.ToolResponseOpen);
        PromptRows past = _session.Past;
        // The model hands over with this token; until now the turn was kept closed, in case something else is said.
        _session.Amend(ids[from]);
        try
        {
            PromptRows rows = PromptRows.Of(_engine.Model.Config, ids[(from + 1)..], media);
            Answer answer = Complete(rows, written.EndsInThought, options, onDelta, cancel, MakeRoom(options));
            _messages[^1] = new ChatMessage("assistant", answer.Text);
            return answer;
        }
        catch (GemmaVkException)
        {
            GoBack(past);
            throw;
        }
    }

    /// <summary>Calls with their results as the template has them: values on the message of the calls; where pictures or sounds came too, a message for each result.</summary>
    private static IReadOnlyList<ChatMessage> Called(IReadOnlyList<ToolCall> calls, IReadOnlyList<ToolOutput> results) => results.All(result => result.Media.Count == 0)
        ? [new("assistant") { ToolCalls = calls, ToolResponses = [.. calls.Zip(results, (call, result) => new ToolResponse(call.Name, result.Value))] }]
        :
        [
            new("assistant") { ToolCalls = [.. calls.Select((call, i) => call with { Id = $"{i}" })] },
            .. results.Select((result, i) => result.Media.Count == 0
                ? new ChatMessage("tool") { ToolCallId = $"{i}", Result = result.Value }
                : new ChatMessage("tool")
                {
                    ToolCallId = $"{i}",
                    Parts = [new(ChatPartKind.Text, result.Value.ValueKind == JsonValueKind.String ? result.Value.GetString()! : result.Value.GetRawText()), .. result.Media.Select(part => part.Written)],
                }),
        ];

    /// <summary>Notes a question that something else answered: the conversation goes on as if the model had. It is taken in by the next pass.</summary>
    /// <param name="parts">What the user said, in order.</param>
    /// <param name="answer">What came back.</param>
    /// <param name="options">System text, tools and thinking, as for <see cref="Ask(IReadOnlyList{MessagePart}, AskOptions, Action{ResponseDelta}?, CancellationToken)"/>.</param>
    /// <exception cref="GemmaVkException">It does not fit into the context; nothing is noted.</exception>
    public void Note(IReadOnlyList<MessagePart> parts, string answer, AskOptions options)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentNullException.ThrowIfNull(options);
        (List<MediaItem> items, List<Medium> media) = Media(_engine, parts);
        bool begins = _messages.Count == 0;
        ChatMessage[] said =
        [
            .. begins && options.System is { Length: > 0 } system ? [new ChatMessage("system", system)] : Array.Empty<ChatMessage>(),
            new("user") { Parts = [.. parts.Select(part => part.Written)] },
            new("assistant", answer),
        ];
        IReadOnlyList<ToolDeclaration> tools = begins ? options.Tools : _tools;
        ChatPrompt prompt = Expand(Render([.. _messages, .. said], tools, new ChatOptions { EnableThinking = options.Think, AddGenerationPrompt = false }), [.. _items, .. items]);
        int[] ids = prompt.Encode(_engine.Tokenizer);
        int news = NewTurn(ids);
        int end = Array.LastIndexOf(ids, _engine.Tokenizer.Specials.TurnClose) + 1;
        PromptRows past = _session.Past;
        if (past.Length + end - news > Context)
        {
            throw new ContextFullException($"the answer takes {end - news} tokens with its question, and {past.Length} were said: more than --context {Context}. Start again, or raise --context.", end - news, Context);
        }

        PromptRows rows = PromptRows.Of(_engine.Model.Config, ids[news..end], media).WithHead(news == 0 ? HeadOf(_engine, ids) : 0);
        _turns.Add(Length + UserTurn(ids) - news);
        _session.Restart(past.Length == 0 ? rows : rows.After([.. past.Ids], past.Media));
        _messages.AddRange(said);
        _items.AddRange(items);
        (_tools, _calls) = (tools, []);
    }

    /// <summary>Forgets the newest question and its answer, as if they had not been said.</summary>
    /// <returns>False where there is none.</returns>
    public bool Undo()
    {
        if (_turns.Count == 0)
        {
            return false;
        }

        // The line break before a turn is said with it.
        int cut = _turns.Count == 1 ? 0 : _turns[^1] - 1;
        _session.Restart(_session.Past.Without(cut, _session.Past.Length));
        int user = _messages.FindLastIndex(message => message.Role == "user");
        int heard = _messages.Skip(user).Sum(Media);
        _items.RemoveRange(_items.Count - heard, heard);
        _messages.RemoveRange(cut == 0 ? 0 : user, _messages.Count - (cut == 0 ? 0 : user));
        _turns.RemoveAt(_turns.Count - 1);
        _calls = [];
        return true;
    }

    /// <summary>
    /// Changes system text and tools of a conversation. What was said stays, and is taken in again by the next pass, which costs the time
    /// of a prompt of its length. Before the first question this does nothing: <see cref="AskOptions"/> bring both.
    /// </summary>
    /// <param name="options">System text, tools, and whether the model thinks.</param>
    /// <exception cref="GemmaVkException">It does not fit into the context, or a tool cannot be written.</exception>
    public void Instruct(AskOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (_turns.Count == 0)
        {
            _session.Restart(PromptRows.None);
            _messages.Clear();
            _items.Clear();
            return;
        }

        List<ChatMessage> system = options.System is { Length: > 0 } text ? [new("system", text)] : [];
        int[] head = Render(system, options.Tools, new ChatOptions { EnableThinking = options.Think, AddGenerationPrompt = false }).Encode(_engine.Tokenizer);
        PromptRows rest = _session.Past.From(_turns[0]);
        if (head.Length + rest.Length > Context)
        {
            throw new ContextFullException(
                $"system text and tools take {head.Length} tokens, and {rest.Length} were said: more than --context {Context}. Shorten them, or raise --context.",
                head.Length,
                Context);
        }

        int moved = head.Length - _turns[0];
        _session.Restart(rest.After(head, []));
        _messages.RemoveAll(message => message.Role == "system");
        _messages.InsertRange(0, system);
        _tools = options.Tools;
        for (int i = 0; i < _turns.Count; i++)
        {
            _turns[i] += moved;
        }
    }

    /// <summary>After an error: what was taken in until then was not said.</summary>
    private void GoBack(PromptRows past)
    {
        if (!_session.Past.Ids.SequenceEqual(past.Ids))
        {
            _session.Restart(past);
        }
    }

    private static int Media(ChatMessage message) => message.Parts?.Count(part => part.Kind != ChatPartKind.Text) ?? 0;

    private static ChatPrompt Render(IReadOnlyList<ChatMessage> messages, IReadOnlyList<ToolDeclaration> tools, ChatOptions options)
    {
        try
        {
            return ChatTemplate.Render(messages, tools, options);
        }
        catch (TextException e)
        {
            throw new GemmaVkException(e.Message, e);
        }
    }
}
