using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using GemmaVk.Server.Http;
using GemmaVk.Text;

namespace GemmaVk.Server.Chat;

/// <summary>Reads "messages" of /v1/chat/completions.</summary>
internal static class MessageReader
{
    /// <summary>Adds the messages to a conversation.</summary>
    public static void Read(Fields body, Conversation conversation, PartReader parts)
    {
        IReadOnlyList<JsonElement> messages = body.List("messages") ?? throw ApiException.Field("messages", "messages is missing: expected a list of messages; give it.");
        for (int i = 0; i < messages.Count; i++)
        {
            string path = $"messages[{i}]";
            if (messages[i].ValueKind != JsonValueKind.Object)
            {
                throw ApiException.Field(path, $"{path}: expected an object with a role, but {Fields.Shown(messages[i])} came.");
            }

            Fields message = new(messages[i], path);
            string role = message.Needed("role");
            switch (role)
            {
                case "system" or "developer" or "user":
                    conversation.Say(role, parts.Read(message, "content"), [], null, path);
                    parts.Question = role == "user" ? parts.Words : parts.Question;
                    break;
                case "assistant":
                    string? reasoning = message.Text("reasoning_content") ?? message.Text("reasoning");
                    conversation.Say(role, parts.Read(message, "content"), Calls(message), reasoning, path);
                    break;
                case "tool":
                    conversation.Result(message.Text("tool_call_id"), parts.Read(message, "content"), path);
                    break;
                default:
                    throw ApiException.Field($"{path}.role", $"{path}.role: expected system, developer, user, assistant or tool, but \"{role}\" came.");
            }
        }

        conversation.End();
    }

    private static IReadOnlyList<ToolCall> Calls(Fields message)
    {
        List<ToolCall> calls = [];
        foreach ((JsonElement item, int i) in (message.List("tool_calls") ?? []).Select((item, i) => (item, i)))
        {
            string path = $"{message.Path("tool_calls")}[{i}]";
            if (item.ValueKind != JsonValueKind.Object)
            {
                throw ApiException.Field(path, $"{path}: expected an object with id and function, but {Fields.Shown(item)} came.");
            }

            Fields call = new(item, path);
            Fields function = call.Object("function") ?? throw ApiException.Field($"{path}.function", $"{path}.function is missing: expected name and arguments; give them.");
            calls.Add(new ToolCall(function.Needed("name"), function.Any("arguments") ?? default, call.Needed("id")));
        }

        return calls;
    }
}
