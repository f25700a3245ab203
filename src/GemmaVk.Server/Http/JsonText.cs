using System;
using System.Buffers;
using System.IO;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace GemmaVk.Server.Http;

/// <summary>JSON as it goes out: UTF-8, letters of every language as they are.</summary>
internal static class JsonText
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>What is written, as bytes.</summary>
    public static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> buffer = new(256);
        using (Utf8JsonWriter json = new(buffer, Options))
        {
            write(json);
        }

        return buffer.WrittenMemory;
    }

    /// <summary>A writer into a buffer.</summary>
    public static Utf8JsonWriter Into(IBufferWriter<byte> buffer) => new(buffer, Options);

    /// <summary>A value as the text of JSON in a string, as arguments of calls are carried.</summary>
    public static string Compact(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Undefined)
        {
            return "{}";
        }

        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, Options))
        {
            value.WriteTo(json);
        }

        return System.Text.Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }
}
