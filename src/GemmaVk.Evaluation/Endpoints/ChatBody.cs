using System;
using System.IO;
using System.Text.Json;
using GemmaVk.Evaluation.Questions;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Evaluation.Endpoints;

/// <summary>Writes requests.</summary>
internal static class ChatBody
{
    private const long MostMedia = 64 << 20;

    /// <summary>Asks for an answer, always with the likeliest token.</summary>
    /// <exception cref="GemmaVkException">A picture, sound or clip cannot be read.</exception>
    public static byte[] Write(Question question, string model, int? maxTokens) => Body(json =>
    {
        json.WriteString("model", model);
        json.WriteNumber("temperature", 0);
        if (maxTokens is { } most)
        {
            json.WriteNumber("max_tokens", most);
        }

        if (question.Raw)
        {
            json.WriteString("prompt", question.Messages[0].Parts[0].Value);
            return;
        }

        if (question.Think)
        {
            // As llama-server, vLLM and this program's own server have it.
            json.WriteStartObject("chat_template_kwargs");
            json.WriteBoolean("enable_thinking", true);
            json.WriteEndObject();
        }

        if (question.Tools.Count > 0)
        {
            json.WriteStartArray("tools");
            foreach (JsonElement tool in question.Tools)
            {
                Tool(json, tool);
            }

            json.WriteEndArray();
        }

        json.WriteStartArray("messages");
        foreach (QuestionMessage message in question.Messages)
        {
            json.WriteStartObject();
            json.WriteString("role", message.Role);
            Content(json, message, question.Expected.Kind == ExpectedKind.Transcript);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    /// <summary>Asks how likely the tokens of a text are, and for nothing more.</summary>
    public static byte[] Weighing(string text, string model) => Body(json =>
    {
        json.WriteString("model", model);
        json.WriteString("prompt", text);
        json.WriteBoolean("echo", true);
        json.WriteNumber("max_tokens", 0);
        json.WriteNumber("logprobs", 1);
        json.WriteNumber("temperature", 0);
    });

    private static byte[] Body(Action<Utf8JsonWriter> write)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    private static void Tool(Utf8JsonWriter json, JsonElement tool)
    {
        if (tool.TryGetProperty("function", out _))
        {
            tool.WriteTo(json);
            return;
        }

        json.WriteStartObject();
        json.WriteString("type", "function");
        json.WritePropertyName("function");
        tool.WriteTo(json);
        json.WriteEndObject();
    }

    private static void Content(Utf8JsonWriter json, QuestionMessage message, bool transcript)
    {
        if (message.Parts is [{ Kind: ChatPartKind.Text } only])
        {
            json.WriteString("content", only.Value);
            return;
        }

        bool wordless = true;
        json.WriteStartArray("content");
        foreach (QuestionPart part in message.Parts)
        {
            Part(json, part);
            wordless &= part.Kind != ChatPartKind.Text;
        }

        if (wordless && transcript)
        {
            Part(json, new QuestionPart(ChatPartKind.Text, "Transcribe the audio."));
        }

        json.WriteEndArray();
    }

    private static void Part(Utf8JsonWriter json, QuestionPart part)
    {
        json.WriteStartObject();
        switch (part.Kind)
        {
            case ChatPartKind.Text:
                json.WriteString("type", "text");
                json.WriteString("text", part.Value);
                break;
            case ChatPartKind.Audio:
                json.WriteString("type", "input_audio");
                json.WriteStartObject("input_audio");
                json.WriteBase64String("data", Bytes(part.Value));
                json.WriteString("format", Ending(part.Value, "wav"));
                json.WriteEndObject();
                break;
            default:
                (string name, string usual) = part.Kind == ChatPartKind.Image ? ("image", "png") : ("video", "mp4");
                json.WriteString("type", $"{name}_url");
                json.WriteStartObject($"{name}_url");
                json.WriteString("url", $"data:{name}/{Ending(part.Value, usual).Replace("jpg", "jpeg", StringComparison.Ordinal)};base64,{Convert.ToBase64String(Bytes(part.Value))}");
                json.WriteEndObject();
                break;
        }

        json.WriteEndObject();
    }

    private static string Ending(string path, string usual) => Path.GetExtension(path) is { Length: > 1 } ending ? ending[1..].ToLowerInvariant() : usual;

    private static byte[] Bytes(string path)
    {
        try
        {
            FileInfo file = new(path);
            return file.Exists && file.Length <= MostMedia
                ? File.ReadAllBytes(path)
                : throw new GemmaVkException($"{path}: expected a file of at most {MostMedia} bytes, but {(file.Exists ? $"it has {file.Length}" : "there is none")}; check the path.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GemmaVkException($"{path}: cannot be read: {Complaint.Of(error)}", error);
        }
    }
}
