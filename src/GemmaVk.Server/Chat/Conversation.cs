using System.Collections.Generic;
using System.Linq;
using GemmaVk.Server.Http;
using GemmaVk.Text;

namespace GemmaVk.Server.Chat;

/// <summary>
/// The messages of a request in the model's own terms, whichever API they came through. System turns at the start become one; later ones stand where they
/// were said. Results of calls are found by the id of their call, in any order.
/// </summary>
/// <param name="options">Limits.</param>
internal sealed class Conversation(ServerOptions options)
{
    private readonly List<ChatMessage> _messages = [];
    private readonly List<MessagePart> _media = [];
    private readonly List<string> _open = [];
    private readonly HashSet<string> _known = [];
    private string _openAt = "";

    /// <summary>The messages.</summary>
    public IReadOnlyList<ChatMessage> Messages => _messages;

    /// <summary>Their pictures, sounds and clips, in order.</summary>
    public IReadOnlyList<MessagePart> Media => _media;

    /// <summary>Adds what somebody said.</summary>
    /// <param name="role">system, developer, user or assistant.</param>
    /// <param name="parts">What they said.</param>
    /// <param name="calls">Calls of the assistant.</param>
    /// <param name="reasoning">What the assistant thought.</param>
    /// <param name="path">Where it stands in the request.</param>
    public void Say(string role, IReadOnlyList<MessagePart> parts, IReadOnlyList<ToolCall> calls, string? reasoning, string path)
    {
        RequireAnswered(path);
        Bound(path);
        if (role is "system" or "developer" or "assistant" && parts.Any(part => part.Kind != ChatPartKind.Text))
        {
            throw ApiException.Field($"{path}.content", $"{path}.content: a message of role {role} holds words alone; put pictures, sounds and clips into a message of the user.");
        }

        foreach (ToolCall call in calls)
        {
            if (!_known.Add(call.Id!))
            {
                throw ApiException.Field($"{path}.tool_calls", $"{path}.tool_calls: the id {call.Id} was used by a call before; give each call its own.", "duplicate_tool_call_id");
            }

            _open.Add(call.Id!);
            _openAt = path;
        }

        string words = string.Concat(parts.Where(part => part.Kind == ChatPartKind.Text).Select(part => part.Text));
        if (role is "system" or "developer" && _messages is [{ Role: "system" or "developer" } first])
        {
            _messages[0] = new ChatMessage("system", $"{first.Text}\n\n{words}");
            return;
        }

        _messages.Add(Written(new ChatMessage(role) { ToolCalls = calls, Reasoning = reasoning is { Length: > 0 } ? reasoning : null }, parts));
    }

    /// <summary>Adds the result of a call.</summary>
    /// <param name="id">The call's id.</param>
    /// <param name="parts">What came of it.</param>
    /// <param name="path">Where it stands in the request.</param>
    /// <param name="field">The field that has the id.</param>
    public void Result(string? id, IReadOnlyList<MessagePart> parts, string path, string field = "tool_call_id")
    {
        Bound(path);
        if (id is null || !_open.Remove(id))
        {
            string wanted = _open.Count > 0 ? $"expected the id of a call before it that has no result yet ({string.Join(", ", _open)})" : "expected behind a message of the assistant that makes the call";
            throw ApiException.Field($"{path}.{field}", $"{path}.{field}: {wanted}, but {(id is null ? "none" : $"\"{id}\"")} came.", "unknown_tool_call_id");
        }

        _messages.Add(Written(new ChatMessage("tool") { ToolCallId = id }, parts));
    }

    /// <summary>Takes the last message away, which the answer is to go on from.</summary>
    /// <exception cref="ApiException">It is not the assistant's, or it has calls.</exception>
    public ChatMessage TakeBegun()
    {
        if (_messages is not [.., _, { Role: "assistant", ToolCalls.Count: 0 } begun])
        {
            throw ApiException.Field("continue_final_message", "continue_final_message: expected a message of the assistant without calls as the last one, behind another; add it, or leave this out.");
        }

        _messages.RemoveAt(_messages.Count - 1);
        return begun;
    }

    /// <summary>Ends the conversation.</summary>
    public void End()
    {
        RequireAnswered("messages");
        if (_messages.Count == 0)
        {
            throw ApiException.Field("messages", "messages is empty: expected one message at least; give what is to be answered.");
        }
    }

    private ChatMessage Written(ChatMessage message, IReadOnlyList<MessagePart> parts)
    {
        bool words = parts.All(part => part.Kind == ChatPartKind.Text);
        _media.AddRange(parts.Where(part => part.Kind != ChatPartKind.Text));
        return words ? message with { Text = string.Concat(parts.Select(part => part.Text)) }
            : message with { Parts = [.. parts.Select(part => new ChatPart(part.Kind, part.Text))] };
    }

    private void RequireAnswered(string path)
    {
        if (_open.Count > 0)
        {
            throw ApiException.Field(_openAt, $"{_openAt}: the calls {string.Join(", ", _open)} have no result before {path}; give a message of role tool for each.", "missing_tool_result");
        }
    }

    private void Bound(string path)
    {
        if (_messages.Count >= options.MostMessages)
        {
            throw ApiException.Field("messages", $"{path}: more than {options.MostMessages} messages came; send fewer.", "too_many_messages");
        }
    }
}
