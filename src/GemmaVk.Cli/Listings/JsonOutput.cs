using System;
using System.IO;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Listings;

/// <summary>One JSON value on a stream of text.</summary>
internal static class JsonOutput
{
    // The reader is a program or a person, never a web page: letters stay letters.
    private static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonWriterOptions OneLine = Readable with { Indented = false };

    /// <summary>What <paramref name="write"/> puts into a writer, in one line.</summary>
    public static string Line(Action<Utf8JsonWriter> write) => Text(write, OneLine);

    /// <summary>Writes what <paramref name="write"/> puts into a writer, and a line break.</summary>
    public static void Write(TextWriter output, Action<Utf8JsonWriter> write)
    {
        output.WriteLine(Text(write, Readable));
    }

    /// <summary>The same into a file, where one was asked for.</summary>
    public static void Save(OutputTarget? target, Action<Utf8JsonWriter> write) =>
        target?.Write(stream => stream.Write(Encoding.UTF8.GetBytes(Text(write, Readable) + "\n")));

    private static string Text(Action<Utf8JsonWriter> write, JsonWriterOptions options)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, options))
        {
            write(json);
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }
}
