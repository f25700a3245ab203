using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Sessions;

/// <summary>
/// A conversation of which a caller sends only what is new. It is kept as rows, thoughts and calls as the model wrote them, so that a
/// further turn takes in its own tokens alone as long as some cache holds the rest; where none does any more, the same rows are taken in again.
/// </summary>
/// <param name="id">What callers call it.</param>
internal sealed class KeptConversation(string id)
{
    private PromptRows _past = PromptRows.None;

    // Rows before the first turn that is not the system's.
    private int _head;

    /// <summary>What callers call it.</summary>
    public string Id => id;

    /// <summary>Calls that wait for results.</summary>
    public IReadOnlyList<ToolCall> Calls { get; private set; } = [];

    /// <summary>Whether a call continues it now.</summary>
    public bool Busy { get; set; }

    /// <summary>The whole conversation with what is new in it.</summary>
    /// <param name="engine">Whose tokens.</param>
    /// <param name="request">What is new: results of calls, questions; a system text or tools where they changed.</param>
    /// <param name="inThought">Whether the model goes on inside a thought.</param>
    /// <exception cref="GemmaVkException">It cannot be written.</exception>
    public PromptRows Continue(GemmaEngine engine, ChatRequest request, out bool inThought)
    {
        SpecialTokens specials = engine.Tokenizer.Specials;
        bool answersCalls = request.Messages.Any(message => message.Role == "tool");
        bool first = _past.Length == 0;
        // Results stand behind the calls that they answer, whose own words are in the past already.
        ChatRequest written = answersCalls ? request with { Messages = [.. Before(request), new ChatMessage("assistant") { ToolCalls = Calls }, .. After(request)] } : request;
        ChatPrompt prompt = written.Render();
        inThought = prompt.EndsInThought;
        PromptRows rows = GemmaSession.Rows(engine, prompt, request.Media);
        int start = rows.Head > 0 ? rows.Head : Math.Max(0, rows.Ids.IndexOf(specials.TurnOpen));
        if (first)
        {
            _head = start;
            return rows;
        }

        (PromptRows past, PromptRows news) = answersCalls
            ? (_past.Without(_past.Length - 1, _past.Length), rows.From(rows.Ids.IndexOf(specials.ToolResponseOpen)))
            : (_past, rows.From(start).After(engine.Tokenizer.Encode("\n", specials: false), []));
        if ((Before(request).Any() || request.Tools.Count > 0 || request.Options.Think) && !rows.Ids[..start].SequenceEqual(past.Ids[.._head]))
        {
            // Another system text, or other tools: what was said stays behind them.
            past = past.From(_head).After(rows.Ids[..start].ToArray(), []);
            _head = start;
        }

        return news.After(past.Ids.ToArray(), past.Media).WithHead(rows.Head > 0 ? _head : 0);
    }

    /// <summary>Takes what the conversation is now.</summary>
    /// <param name="past">All of it, the model's turn closed.</param>
    /// <param name="calls">Calls that the model made last, with the ids that callers know.</param>
    public void Keep(PromptRows past, IReadOnlyList<ToolCall> calls) => (_past, Calls) = (past, calls);

    private static IEnumerable<ChatMessage> Before(ChatRequest request) => request.Messages.TakeWhile(message => message.Role is "system" or "developer");

    private static IEnumerable<ChatMessage> After(ChatRequest request) => request.Messages.SkipWhile(message => message.Role is "system" or "developer");
}
