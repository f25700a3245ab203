using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Encodings.Web;
using System.Text.Json;
using GemmaVk.Evaluation.Perplexity;
using GemmaVk.Tensors;

namespace GemmaVk.Evaluation.StoredLogits;

/// <summary>What a file of logits says of itself.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="TokenizerHash">As <see cref="EvaluatedText.TokenizerHash"/>.</param>
/// <param name="TextHash">As <see cref="EvaluatedText.TextHash"/>.</param>
/// <param name="Vocabulary">V.</param>
/// <param name="Tokens">Records.</param>
/// <param name="Top">Likeliest tokens of each record; 0 where all logits are there.</param>
/// <param name="Kind">How the text was cut.</param>
/// <param name="Context">Positions of a window.</param>
/// <param name="Stride">Tokens between two windows.</param>
/// <param name="Origin">Program, device, precision and whatever else tells two runs apart, by name.</param>
public sealed record LogitsHeader(
    string Model, string TokenizerHash, string TextHash, int Vocabulary, int Tokens, int Top, WindowKind Kind, int Context, int Stride, IReadOnlyDictionary<string, string> Origin)
{
    /// <summary>Most likeliest tokens of a record.</summary>
    public const int MostTop = 4096;

    private const string Schema = "gemmavk-logits-1";
    private const int MostVocabulary = 1 << 24;
    private const int MostOrigin = 64;

    /// <summary>Whether all logits are there.</summary>
    public bool IsFull => Top == 0;

    /// <summary>Bytes of a record: see <see cref="LogitsWriter"/>.</summary>
    public long RecordBytes => IsFull ? 4 + (4L * Vocabulary) : 16 + (8L * Top);

    /// <summary>As JSON.</summary>
    internal byte[] ToJson()
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("schema", Schema);
            json.WriteString("model", Model);
            json.WriteString("tokenizer_sha256", TokenizerHash);
            json.WriteString("text_sha256", TextHash);
            json.WriteNumber("vocabulary", Vocabulary);
            json.WriteNumber("tokens", Tokens);
            json.WriteNumber("top", Top);
            json.WriteString("windows", Word(Kind));
            json.WriteNumber("context", Context);
            json.WriteNumber("stride", Stride);
            json.WriteStartObject("origin");
            foreach ((string name, string value) in Origin)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    /// <summary>Reads it.</summary>
    /// <param name="utf8">The JSON.</param>
    /// <param name="path">For messages.</param>
    /// <exception cref="GemmaVkException">It is no such header, or a number is out of its range.</exception>
    internal static LogitsHeader Parse(ReadOnlyMemory<byte> utf8, string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            JsonElement root = document.RootElement;
            string schema = Text(root, "schema");
            if (schema != Schema)
            {
                throw Wrong(path, $"the schema {Schema}", $"its schema is {schema}");
            }

            string windows = Text(root, "windows");
            Dictionary<string, string> origin = [];
            foreach (JsonProperty each in root.GetProperty("origin").EnumerateObject())
            {
                if (origin.Count == MostOrigin)
                {
                    throw Wrong(path, $"at most {MostOrigin} entries of its origin", "there are more");
                }

                origin[each.Name] = each.Value.GetString() ?? "";
            }

            int vocabulary = Whole(root, "vocabulary", 1, MostVocabulary, path);
            return new LogitsHeader(
                Text(root, "model"),
                Text(root, "tokenizer_sha256"),
                Text(root, "text_sha256"),
                vocabulary,
                Whole(root, "tokens", 1, int.MaxValue, path),
                Whole(root, "top", 0, Math.Min(MostTop, vocabulary), path),
                windows switch { "sliding" => WindowKind.Sliding, "halves" => WindowKind.Halves, _ => throw Wrong(path, "windows sliding or halves", $"they are '{windows}'") },
                Whole(root, "context", 2, int.MaxValue, path),
                Whole(root, "stride", 1, int.MaxValue, path),
                origin);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new GemmaVkException($"{path}: expected the header that 'gemmavk eval --save-logits' writes, but {Complaint.Of(error).TrimEnd('.')}; save the logits anew.", error);
        }
    }

    /// <summary>The flag's word for a kind of windows.</summary>
    internal static string Word(WindowKind kind) => kind == WindowKind.Sliding ? "sliding" : "halves";

    private static string Text(JsonElement root, string name) => root.GetProperty(name).GetString() ?? throw new FormatException($"\"{name}\" is null");

    private static int Whole(JsonElement root, string name, int least, int most, string path)
    {
        JsonElement value = root.GetProperty(name);
        return value.TryGetInt32(out int whole) && whole >= least && whole <= most ? whole : throw Wrong(path, $"\"{name}\" from {least} to {most}", $"it is {value.GetRawText()}");
    }

    private static GemmaVkException Wrong(string path, string expected, string came) => new($"{path}: expected {expected}, but {came}; save the logits anew with 'gemmavk eval --save-logits'.");
}
