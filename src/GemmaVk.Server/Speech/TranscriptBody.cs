using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Http;
using GemmaVk.Server.Service;
using GemmaVk.Text;
using GemmaVk.Transcripts;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Speech;

/// <summary>Writes transcripts in the formats of OpenAI's API.</summary>
internal static class TranscriptBody
{
    /// <summary>Sends a transcript whole.</summary>
    public static Task Send(HttpContext context, SpeechRequest request, IReadOnlyList<TranscriptPart> parts, TranscriptionStats stats, BpeTokenizer tokenizer)
    {
        string text = string.Concat(parts.Select((part, i) => i == 0 ? part.Text : (part.NewLine ? "\n" : " ") + part.Text));
        return request.Format switch
        {
            "text" => Plain(context, "text/plain; charset=utf-8", text + "\n"),
            "srt" => Plain(context, "application/x-subrip; charset=utf-8", Cues(parts, web: false)),
            "vtt" => Plain(context, "text/vtt; charset=utf-8", "WEBVTT\n\n" + Cues(parts, web: true)),
            "verbose_json" => ServiceRoutes.Send(context, json =>
            {
                json.WriteString("task", request.Target is null ? "transcribe" : "translate");
                json.WriteString("language", request.Target ?? request.Language ?? "und");
                json.WriteNumber("duration", Math.Round(request.Seconds, 3));
                json.WriteString("text", text);
                Segments(json, parts, request.Temperature, tokenizer);
                Usage(json, stats);
            }),
            _ => ServiceRoutes.Send(context, json =>
            {
                json.WriteString("text", text);
                Usage(json, stats);
            }),
        };
    }

    /// <summary>More of a transcript that is heard.</summary>
    public static StreamEvent Delta(string text) => Event("transcript.text.delta", json => json.WriteString("delta", text));

    /// <summary>The end of a transcript.</summary>
    public static StreamEvent Done(string text, TranscriptionStats stats) => Event("transcript.text.done", json =>
    {
        json.WriteString("text", text);
        Usage(json, stats);
    });

    private static StreamEvent Event(string type, Action<Utf8JsonWriter> write) => new(
        JsonText.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            write(json);
            json.WriteEndObject();
        }),
        type);

    private static void Segments(Utf8JsonWriter json, IReadOnlyList<TranscriptPart> parts, float temperature, BpeTokenizer tokenizer)
    {
        json.WriteStartArray("segments");
        foreach ((TranscriptPart part, int i) in parts.Select((part, i) => (part, i)))
        {
            json.WriteStartObject();
            json.WriteNumber("id", i);
            // Hundredths of a second at which the heard piece begins.
            json.WriteNumber("seek", (int)Math.Round(part.Start.TotalSeconds * 100));
            json.WriteNumber("start", Math.Round(part.Start.TotalSeconds, 3));
            json.WriteNumber("end", Math.Round(part.End.TotalSeconds, 3));
            json.WriteString("text", part.Text);
            json.WriteStartArray("tokens");
            Array.ForEach(tokenizer.Encode(part.Text, specials: false), json.WriteNumberValue);
            json.WriteEndArray();
            json.WriteNumber("temperature", temperature);
            json.WriteNumber("compression_ratio", Math.Round(CompressionRatio(part.Text), 4));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // How many times shorter zlib makes a text: what repeats itself without end shows by it.
    private static double CompressionRatio(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        using MemoryStream packed = new();
        using (ZLibStream zlib = new(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(bytes);
        }

        return bytes.Length / (double)Math.Max(1, packed.Length);
    }

    private static void Usage(Utf8JsonWriter json, TranscriptionStats stats)
    {
        json.WriteStartObject("usage");
        json.WriteString("type", "tokens");
        json.WriteNumber("input_tokens", stats.PromptTokens);
        json.WriteNumber("output_tokens", stats.AnswerTokens);
        json.WriteNumber("total_tokens", stats.PromptTokens + stats.AnswerTokens);
        json.WriteEndObject();
    }

    private static string Cues(IReadOnlyList<TranscriptPart> parts, bool web)
    {
        StringBuilder cues = new();
        foreach ((TranscriptPart part, int i) in parts.Select((part, i) => (part, i + 1)))
        {
            string text = web ? part.Text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal) : part.Text;
            cues.Append(CultureInfo.InvariantCulture, $"{i}\n{Stamp(part.Start, web)} --> {Stamp(part.End, web)}\n{text}\n\n");
        }

        return cues.ToString();
    }

    private static string Stamp(TimeSpan time, bool web) => string.Create(
        CultureInfo.InvariantCulture, $"{(int)time.TotalHours:00}:{time.Minutes:00}:{time.Seconds:00}{(web ? '.' : ',')}{time.Milliseconds:000}");

    private static Task Plain(HttpContext context, string type, string text)
    {
        context.Response.ContentType = type;
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}
