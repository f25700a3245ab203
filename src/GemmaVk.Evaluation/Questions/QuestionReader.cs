using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GemmaVk.Text;

namespace GemmaVk.Evaluation.Questions;

/// <summary>Reads a line of a task file.</summary>
internal static class QuestionReader
{
    private const int MostDepth = 64;
    private const int MostTokens = 1 << 20;

    private static readonly string[] Known =
    [
        "id", "task", "meta", "prompt", "messages", "system", "raw", "think", "max_tokens", "tools", "image", "audio", "video",
        "answer", "choices", "contains", "regex", "schema", "call", "transcript",
    ];

    /// <summary>Reads it.</summary>
    /// <param name="utf8">The line.</param>
    /// <param name="line">Its number, which names a question without an id.</param>
    /// <param name="folder">Where paths of media start.</param>
    /// <exception cref="QuestionException">It is no question.</exception>
    public static Question Read(ReadOnlyMemory<byte> utf8, int line, string folder)
    {
        JsonElement root;
        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = MostDepth, AllowDuplicateProperties = false });
            root = document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw new QuestionException($"expected a JSON object, but {error.Message.Split(" LineNumber:")[0]}", (int)(error.BytePositionInLine ?? 0) + 1);
        }
        catch (InvalidOperationException error)
        {
            // Names are compared while it is read, and one of them is half of a pair of surrogates.
            throw new QuestionException($"expected text that is valid Unicode, but {error.Message}", 1);
        }

        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new QuestionException("expected a JSON object", 1);
        }

        try
        {
            foreach (JsonProperty property in root.EnumerateObject())
            {
                if (!Known.Contains(property.Name))
                {
                    throw new FieldException(property.Name, $"\"{property.Name}\" is no field: expected {string.Join(", ", Known)}; notes of your own go below \"meta\"");
                }
            }

            bool raw = Flag(root, "raw");
            Question question = new(
                Text(root, "id") ?? $"line {line}",
                Text(root, "task") ?? "all",
                Convert.ToHexStringLower(SHA256.HashData(utf8.Span.Trim(" \t\r"u8)))[..16],
                Messages(root, raw, folder),
                ExpectedReader.Read(root))
            {
                Raw = raw,
                Think = Flag(root, "think"),
                MaxTokens = Tokens(root),
                Tools = [.. Tools(root)],
            };
            Check(question);
            return question;
        }
        catch (FieldException error)
        {
            throw new QuestionException(error.Message, ColumnOf(utf8.Span, error.Field));
        }
        catch (InvalidOperationException error)
        {
            // A text with half of a pair of surrogates is JSON, but no text.
            throw new QuestionException($"expected text that is valid Unicode, but {error.Message}", 1);
        }
    }

    /// <summary>Where a field stands in a line, in bytes from 1; 1 where it does not.</summary>
    public static int ColumnOf(ReadOnlySpan<byte> utf8, string field) => Math.Max(0, utf8.IndexOf(Encoding.UTF8.GetBytes($"\"{field}\""))) + 1;

    /// <summary>A field that is a text, or null where it is not there.</summary>
    internal static string? Text(JsonElement owner, string field) => !owner.TryGetProperty(field, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw new FieldException(field, $"\"{field}\": expected a text, but {Shown(value)} came");

    /// <summary>A field that is a text or a list of them.</summary>
    internal static IReadOnlyList<string> Texts(JsonElement owner, string field)
    {
        if (!owner.TryGetProperty(field, out JsonElement value))
        {
            return [];
        }

        JsonElement[] all = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        return all.Length > 0 && all.All(each => each.ValueKind == JsonValueKind.String)
            ? [.. all.Select(each => each.GetString()!)]
            : throw new FieldException(field, $"\"{field}\": expected a text or a list of texts, but {Shown(value)} came");
    }

    /// <summary>A value as a sentence shows it.</summary>
    internal static string Shown(JsonElement value)
    {
        const int Most = 40;
        string text = value.GetRawText();
        return text.Length <= Most ? text : $"{text[..Most]}...";
    }

    private static void Check(Question question)
    {
        bool media = question.Messages.Any(message => message.Parts.Any(part => part.Kind != ChatPartKind.Text));
        if (question.Raw && (media || question.Messages.Count > 1 || question.Think || question.Tools.Count > 0))
        {
            throw new FieldException("raw", "\"raw\" and messages, media, tools or thoughts: expected a \"prompt\" alone, because those need the turns that raw leaves out");
        }

        if (question.Expected.Kind == ExpectedKind.Call && question.Tools.All(tool => NameOf(tool) != question.Expected.Tool))
        {
            throw new FieldException("call", $"\"call\": expected a tool among \"tools\", but '{question.Expected.Tool}' is none");
        }

        if (question.Expected.Kind == ExpectedKind.Choices && question.Think)
        {
            throw new FieldException("think", "\"think\" and \"choices\": expected one of them, because nothing is written where choices are weighed");
        }
    }

    private static string? NameOf(JsonElement tool)
    {
        JsonElement function = tool.TryGetProperty("function", out JsonElement inner) ? inner : tool;
        return function.ValueKind == JsonValueKind.Object && function.TryGetProperty("name", out JsonElement name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;
    }

    private static List<QuestionMessage> Messages(JsonElement root, bool raw, string folder)
    {
        List<QuestionMessage> messages = [];
        if (Text(root, "system") is { } system)
        {
            messages.Add(new QuestionMessage("system", [new QuestionPart(ChatPartKind.Text, system)]));
        }

        string? prompt = Text(root, "prompt");
        List<QuestionPart> parts = [.. Media(root, folder)];
        if (!root.TryGetProperty("messages", out JsonElement given))
        {
            if (prompt is null && (raw || !parts.Any(part => part.Kind == ChatPartKind.Audio) || !root.TryGetProperty("transcript", out _)))
            {
                throw new FieldException("prompt", "expected \"prompt\" or \"messages\", but neither is there");
            }

            // Sounds stand where the model was trained to have them: see EngineSubject.
            messages.Add(new QuestionMessage("user", prompt is null ? parts : [.. parts, new QuestionPart(ChatPartKind.Text, prompt)]));
            return messages;
        }

        if (prompt is not null || parts.Count > 0)
        {
            throw new FieldException("messages", "\"messages\" beside \"prompt\" or media: expected one of them; media go into a message's content");
        }

        if (given.ValueKind != JsonValueKind.Array || given.GetArrayLength() == 0)
        {
            throw new FieldException("messages", $"\"messages\": expected a list of messages, but {Shown(given)} came");
        }

        messages.AddRange(given.EnumerateArray().Select(message => Message(message, folder)));
        return messages[^1].Role == "user" ? messages : throw new FieldException("messages", $"\"messages\": expected one of the user last, but it is one of {messages[^1].Role}");
    }

    private static QuestionMessage Message(JsonElement message, string folder)
    {
        if (message.ValueKind != JsonValueKind.Object || Text(message, "role") is not ("system" or "user" or "assistant") || !message.TryGetProperty("content", out JsonElement content))
        {
            throw new FieldException("messages", $"\"messages\": expected objects with a role (system, user, assistant) and a content, but {Shown(message)} came");
        }

        if (content.ValueKind == JsonValueKind.String)
        {
            return new QuestionMessage(Text(message, "role")!, [new QuestionPart(ChatPartKind.Text, content.GetString()!)]);
        }

        if (content.ValueKind != JsonValueKind.Array || content.EnumerateArray().Any(part => part.ValueKind != JsonValueKind.Object))
        {
            throw new FieldException("content", $"\"content\": expected a text or a list of parts, but {Shown(content)} came");
        }

        List<QuestionPart> parts = [];
        foreach (JsonElement part in content.EnumerateArray())
        {
            QuestionPart[] found = [.. Media(part, folder)];
            if (Text(part, "text") is { } text)
            {
                found = [.. found, new QuestionPart(ChatPartKind.Text, text)];
            }

            parts.Add(found.Length == 1 ? found[0] : throw new FieldException("content", $"\"content\": expected parts with one of text, image, audio or video, but {Shown(part)} came"));
        }

        return new QuestionMessage(Text(message, "role")!, parts);
    }

    private static IEnumerable<QuestionPart> Media(JsonElement owner, string folder)
    {
        foreach ((string field, ChatPartKind kind) in ((string, ChatPartKind)[])[("image", ChatPartKind.Image), ("video", ChatPartKind.Video), ("audio", ChatPartKind.Audio)])
        {
            foreach (string path in Texts(owner, field))
            {
                yield return path.Length > 0 && !path.Contains('\0', StringComparison.Ordinal)
                    ? new QuestionPart(kind, Path.Combine(folder, path))
                    : throw new FieldException(field, $"\"{field}\": expected the path of a file");
            }
        }
    }

    private static IEnumerable<JsonElement> Tools(JsonElement root)
    {
        if (!root.TryGetProperty("tools", out JsonElement tools))
        {
            yield break;
        }

        if (tools.ValueKind != JsonValueKind.Array || tools.EnumerateArray().Any(tool => tool.ValueKind != JsonValueKind.Object || NameOf(tool) is null))
        {
            throw new FieldException("tools", $"\"tools\": expected a list of functions with names, as OpenAI declares them, but {Shown(tools)} came");
        }

        foreach (JsonElement tool in tools.EnumerateArray())
        {
            yield return tool;
        }
    }

    private static bool Flag(JsonElement root, string field) => root.TryGetProperty(field, out JsonElement value)
        && (value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw new FieldException(field, $"\"{field}\": expected true or false, but {Shown(value)} came"));

    private static int? Tokens(JsonElement root) => !root.TryGetProperty("max_tokens", out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int tokens) && tokens is >= 1 and <= MostTokens ? tokens
        : throw new FieldException("max_tokens", $"\"max_tokens\": expected a whole number from 1 to {MostTokens}, but {Shown(value)} came");
}
