using System;
using System.Buffers;
using System.IO;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace GemmaVk.Server.Http;

/// <summary>JSON as it goes out: UTF-8, letters of every language as they are.</summary>
internal static class JsonText
{
    private const int MostKept = 1 << 16;
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    // A writer and its buffer are kept by each thread, because every token of a stream needs one.
    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Json)? s_kept;

    /// <summary>What is written, as bytes.</summary>
    public static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> write)
    {
        (ArrayBufferWriter<byte> buffer, Utf8JsonWriter json) = s_kept ?? New();
        // What is written may write something of its own, and may throw: then this one is not used again.
        s_kept = null;
        write(json);
        json.Flush();
        byte[] bytes = buffer.WrittenSpan.ToArray();
        if (buffer.Capacity <= MostKept)
        {
            buffer.ResetWrittenCount();
            json.Reset();
            s_kept = (buffer, json);
        }

        return bytes;
    }

    /// <summary>A body of one shape, as bytes.</summary>
    public static ReadOnlyMemory<byte> Of<T>(T body, JsonTypeInfo<T> type) => Write(json => JsonSerializer.Serialize(json, body, type));

    private static (ArrayBufferWriter<byte>, Utf8JsonWriter) New()
    {
        ArrayBufferWriter<byte> buffer = new(1024);
        return (buffer, new Utf8JsonWriter(buffer, Options));
    }

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
