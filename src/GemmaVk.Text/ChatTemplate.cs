using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace GemmaVk.Text;

/// <summary>
/// Step 2 of the token path; from the engine's session, to <see cref="BpeTokenizer"/>. Writes a conversation in Gemma 4's turns. Source:
/// the chat template released with the 12B on 15 July 2026, whose strings it reproduces character by character.
/// <code>
/// prompt      := "&lt;bos>" [system-turn] turn* [generation-prompt]
/// system-turn := "&lt;|turn>system\n" ["&lt;|think|>\n"] text tool* "&lt;turn|>\n"
/// turn        := "&lt;|turn>" role "\n" body "&lt;turn|>\n"
/// model body  := ( [thought] call* response* text )+     one turn for messages in a row
/// thought     := "&lt;|channel>thought\n" text "\n&lt;channel|>"
/// call        := "&lt;|tool_call>call:" name "{" pairs "}&lt;tool_call|>"
/// response    := "&lt;|tool_response>response:" name "{" pairs "}&lt;tool_response|>"
/// </code>
/// </summary>
public static class ChatTemplate
{
    private const string Assistant = "assistant";
    private const string CloseTurn = ControlText.TurnClose + "\n";

    /// <summary>What a message left last, which decides how the prompt may go on.</summary>
    private enum Left
    {
        Text,
        Call,
        Response,
    }

    /// <summary>Writes the prompt of a conversation.</summary>
    /// <exception cref="TextException">Arguments of a call are not an object, or a tool's schema cannot be written.</exception>
    public static ChatPrompt Render(IReadOnlyList<ChatMessage> messages, IReadOnlyList<ToolDeclaration>? tools = null, ChatOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        options ??= new ChatOptions();
        tools ??= [];
        var writer = new ChatPrompt.Writer();
        writer.Template(ControlText.Bos);
        bool first = messages.Count > 0 && messages[0].Role is "system" or "developer";
        if (first || options.EnableThinking || tools.Count > 0)
        {
            WriteSystem(writer, first ? messages[0] : null, tools, options.EnableThinking);
        }

        Left left = WriteTurns(writer, messages, first ? 1 : 0, options);
        if (!options.AddGenerationPrompt)
        {
            return writer.Finish();
        }

        if (left == Left.Response && options.EnableThinking)
        {
            writer.Template(ControlText.ThoughtOpen);
        }
        else if (left == Left.Text)
        {
            writer.Template(ControlText.TurnOpen + "model\n");
            if (!options.EnableThinking)
            {
                writer.Template(ControlText.ThoughtOpen + ControlText.ChannelClose);
            }
        }
        else if (options.OpenClosedTurn && writer.EndsWith(CloseTurn))
        {
            writer.Template(ControlText.TurnOpen + "model\n");
        }

        return writer.Finish();
    }

    private static void WriteSystem(ChatPrompt.Writer writer, ChatMessage? message, IReadOnlyList<ToolDeclaration> tools, bool thinking)
    {
        writer.Template(ControlText.TurnOpen + "system\n");
        if (thinking)
        {
            writer.Template(ControlText.Think + "\n");
        }

        if (message?.Parts is { } parts)
        {
            foreach (ChatPart part in parts.Where(part => part.Kind == ChatPartKind.Text))
            {
                writer.Caller(PythonText.Strip(part.Text));
                writer.Template(" ");
            }
        }
        else
        {
            writer.Caller(PythonText.Strip(message?.Text ?? ""));
        }

        foreach (ToolDeclaration tool in tools)
        {
            tool.Write(writer);
        }

        writer.Template(CloseTurn);
    }

    private static Left WriteTurns(ChatPrompt.Writer writer, IReadOnlyList<ChatMessage> messages, int start, ChatOptions options)
    {
        int lastUser = -1;
        for (int i = start; i < messages.Count; i++)
        {
            lastUser = messages[i].Role == "user" ? i : lastUser;
        }

        Left left = Left.Text;
        string? previous = null;
        for (int i = start; i < messages.Count; i++)
        {
            ChatMessage message = messages[i];
            if (message.Role == "tool")
            {
                continue;
            }

            bool model = message.Role == Assistant;
            if (!model || previous != Assistant)
            {
                writer.Template(ControlText.TurnOpen);
                writer.Caller(model ? "model" : message.Role);
                writer.Template("\n");
            }

            previous = message.Role;
            if (!string.IsNullOrEmpty(message.Reasoning) && (i > lastUser || (options.PreserveThinking && message.ToolCalls.Count > 0)))
            {
                writer.Template(ControlText.ThoughtOpen);
                writer.Caller(message.Reasoning);
                writer.Template("\n" + ControlText.ChannelClose);
            }

            left = WriteCalls(writer, messages, i);
            bool content = WriteContent(writer, message, model);
            string? next = messages.Skip(i + 1).FirstOrDefault(later => later.Role != "tool")?.Role;
            if (left == Left.Call)
            {
                // The model's own way to hand over to the tools; the turn stays open.
                writer.Template(ControlText.ToolResponseOpen);
            }
            else if (!(model && next == Assistant) && !(left == Left.Response && !content && next is null))
            {
                writer.Template(CloseTurn);
            }
        }

        return left;
    }

    private static Left WriteCalls(ChatPrompt.Writer writer, IReadOnlyList<ChatMessage> messages, int index)
    {
        ChatMessage message = messages[index];
        foreach (ToolCall call in message.ToolCalls)
        {
            writer.Template(ControlText.ToolCallOpen + "call:");
            writer.Caller(call.Name);
            writer.Template("{");
            WriteArguments(writer, call);
            writer.Template("}" + ControlText.ToolCallClose);
        }

        foreach (ToolResponse response in message.ToolResponses)
        {
            WriteResponse(writer, response.Name ?? "unknown", response.Response);
        }

        bool responded = message.ToolResponses.Count > 0;
        if (!responded && message.ToolCalls.Count > 0)
        {
            for (int i = index + 1; i < messages.Count && messages[i].Role == "tool"; i++)
            {
                WriteToolMessage(writer, message.ToolCalls, messages[i]);
                responded = true;
            }
        }

        return responded ? Left.Response : message.ToolCalls.Count > 0 ? Left.Call : Left.Text;
    }

    private static void WriteArguments(ChatPrompt.Writer writer, ToolCall call)
    {
        JsonElement arguments = call.Arguments;
        JsonValueWriter.Check(arguments, $"The arguments of the call of {call.Name}");
        string text = arguments.ValueKind == JsonValueKind.String ? JsonValueWriter.Text(arguments) : "";
        if (arguments.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined || (arguments.ValueKind == JsonValueKind.String && text.Trim().Length == 0))
        {
            return;
        }

        try
        {
            arguments = arguments.ValueKind == JsonValueKind.String ? JsonElement.Parse(text) : arguments;
        }
        catch (JsonException e)
        {
            throw new TextException($"The arguments of the call of {call.Name} are not valid JSON ({e.Message}); expected an object such as {{\"city\": \"Oslo\"}}.", e);
        }

        if (arguments.ValueKind != JsonValueKind.Object)
        {
            throw new TextException($"The arguments of the call of {call.Name} are a JSON {arguments.ValueKind}; expected an object such as {{\"city\": \"Oslo\"}}.");
        }

        JsonValueWriter.WritePairs(writer, arguments, quoteKeys: false);
    }

    private static void WriteToolMessage(ChatPrompt.Writer writer, IReadOnlyList<ToolCall> calls, ChatMessage tool)
    {
        // Missing ids count as equal; of several equal ones the last call lends its name.
        string name = calls.LastOrDefault(call => call.Id == tool.ToolCallId)?.Name ?? tool.Name ?? "unknown";
        if (tool.Parts is { } parts)
        {
            OpenResponse(writer, name);
            writer.Quoted(string.Concat(parts.Where(part => part.Kind == ChatPartKind.Text).Select(part => part.Text)));
            CloseResponse(writer);
            foreach (ChatPart part in parts.Where(part => part.Kind != ChatPartKind.Text))
            {
                writer.Template(ChatPrompt.Placeholder(part.Kind));
            }
        }
        else if (tool.Result is { } result && !(result.ValueKind == JsonValueKind.Object && result.GetPropertyCount() == 0))
        {
            WriteResponse(writer, name, result);
        }
        else
        {
            // An empty object prints as an empty string, as the published template has it.
            OpenResponse(writer, name);
            if (tool.Text is null && tool.Result is null)
            {
                writer.Template("null");
            }
            else
            {
                writer.Quoted(tool.Text ?? "");
            }

            CloseResponse(writer);
        }
    }

    private static void WriteResponse(ChatPrompt.Writer writer, string name, JsonElement response)
    {
        if (response.ValueKind == JsonValueKind.Object)
        {
            writer.Template(ControlText.ToolResponseOpen + "response:");
            writer.Caller(name);
            writer.Template("{");
            JsonValueWriter.WritePairs(writer, response, quoteKeys: false);
        }
        else
        {
            OpenResponse(writer, name);
            JsonValueWriter.Write(writer, response, quoteKeys: false);
        }

        CloseResponse(writer);
    }

    private static void OpenResponse(ChatPrompt.Writer writer, string name)
    {
        writer.Template(ControlText.ToolResponseOpen + "response:");
        writer.Caller(name);
        writer.Template("{value:");
    }

    private static void CloseResponse(ChatPrompt.Writer writer) => writer.Template("}" + ControlText.ToolResponseClose);

    /// <summary>Writes text and placeholders; gives whether there was anything to write.</summary>
    private static bool WriteContent(ChatPrompt.Writer writer, ChatMessage message, bool model)
    {
        bool any = false;
        foreach (ChatPart part in message.Parts ?? [new ChatPart(ChatPartKind.Text, message.Text ?? "")])
        {
            if (part.Kind != ChatPartKind.Text)
            {
                writer.Template(ChatPrompt.Placeholder(part.Kind));
                any = true;
                continue;
            }

            string text = PythonText.Strip(model ? WithoutThoughts(part.Text) : part.Text);
            writer.Caller(text);
            any |= text.Length > 0;
        }

        return any;
    }

    /// <summary>Removes thoughts that a client left in the text of an answer; an open one reaches to the end.</summary>
    private static string WithoutThoughts(string text) =>
        string.Concat(text.Split(ControlText.ChannelClose).Select(part => part.Split(ControlText.ChannelOpen)[0]));
}
