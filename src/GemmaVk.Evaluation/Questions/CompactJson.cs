using System.IO;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace GemmaVk.Evaluation.Questions;

/// <summary>A JSON value without blanks, letters as they are; numbers keep their spelling.</summary>
internal static class CompactJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Its UTF-8.</summary>
    public static byte[] Of(JsonElement value)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, Options))
        {
            value.WriteTo(json);
        }

        return bytes.ToArray();
    }
}
