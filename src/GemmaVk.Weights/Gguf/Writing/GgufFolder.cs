using System;
using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace GemmaVk.Weights.Gguf.Writing;

/// <summary>The small files that a checkpoint's folder has beside its weights, made of what a GGUF file says.</summary>
internal static class GgufFolder
{
    /// <summary>Writes generation_config.json, tokenizer.json and, where it says something, processor_config.json.</summary>
    public static void WriteSmallFiles(Checkpoint source, CheckpointFolder folder)
    {
        folder.Write("generation_config.json", source.GenerationJson);
        if (source.ProcessorJson is { } processor)
        {
            folder.Write("processor_config.json", processor);
        }

        folder.Write("tokenizer.json", Tokenizer(source.Vocabulary!));
    }

    /// <summary>A tokenizer.json of the released form.</summary>
    private static ReadOnlySpan<byte> Tokenizer(GgufVocabulary vocabulary)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("version", "1.0");
            json.WriteNull("truncation");
            json.WriteNull("padding");
            WriteAdded(json, vocabulary);
            json.WriteStartObject("normalizer");
            json.WriteString("type", "Replace");
            WritePattern(json);
            json.WriteString("content", "\u2581");
            json.WriteEndObject();
            json.WriteStartObject("pre_tokenizer");
            json.WriteString("type", "Split");
            WritePattern(json);
            json.WriteString("behavior", "MergedWithPrevious");
            json.WriteBoolean("invert", false);
            json.WriteEndObject();
            json.WriteNull("post_processor");
            WriteDecoder(json);
            WriteModel(json, vocabulary);
            json.WriteEndObject();
        }

        return bytes.WrittenSpan;
    }

    private static void WriteAdded(Utf8JsonWriter json, GgufVocabulary vocabulary)
    {
        json.WriteStartArray("added_tokens");
        for (int id = 0; id < vocabulary.Count; id++)
        {
            if (vocabulary.IsAdded(id))
            {
                json.WriteStartObject();
                json.WriteNumber("id", id);
                json.WriteString("content", vocabulary[id]);
                foreach (string flag in (ReadOnlySpan<string>)["single_word", "lstrip", "rstrip", "normalized"])
                {
                    json.WriteBoolean(flag, false);
                }

                json.WriteBoolean("special", vocabulary.IsControl(id));
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
    }

    private static void WritePattern(Utf8JsonWriter json)
    {
        json.WriteStartObject("pattern");
        json.WriteString("String", " ");
        json.WriteEndObject();
    }

    private static void WriteDecoder(Utf8JsonWriter json)
    {
        json.WriteStartObject("decoder");
        json.WriteString("type", "Sequence");
        json.WriteStartArray("decoders");
        json.WriteStartObject();
        json.WriteString("type", "Replace");
        json.WriteStartObject("pattern");
        json.WriteString("String", "\u2581");
        json.WriteEndObject();
        json.WriteString("content", " ");
        json.WriteEndObject();
        foreach (string type in (ReadOnlySpan<string>)["ByteFallback", "Fuse"])
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteModel(Utf8JsonWriter json, GgufVocabulary vocabulary)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteNull("dropout");
        json.WriteString("unk_token", "<unk>");
        json.WriteNull("continuing_subword_prefix");
        json.WriteNull("end_of_word_suffix");
        json.WriteBoolean("fuse_unk", true);
        json.WriteBoolean("byte_fallback", true);
        json.WriteBoolean("ignore_merges", false);
        json.WriteStartObject("vocab");
        for (int id = 0; id < vocabulary.Count; id++)
        {
            json.WriteNumber(vocabulary[id], id);
        }

        json.WriteEndObject();
        json.WriteStartArray("merges");
        vocabulary.Merges(out byte[] text, out int[] starts);
        for (int i = 0; i < starts.Length - 1; i++)
        {
            ReadOnlySpan<byte> merge = text.AsSpan(starts[i], starts[i + 1] - starts[i]);
            int space = Math.Max(0, merge.IndexOf((byte)' '));
            json.WriteStartArray();
            json.WriteStringValue(merge[..space]);
            json.WriteStringValue(merge[Math.Min(merge.Length, space + 1)..]);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
