using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using GemmaVk.Media;
using GemmaVk.Server.Chat;
using GemmaVk.Server.Http;
using GemmaVk.Text;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Speech;

/// <summary>A request of /v1/audio/transcriptions or /v1/audio/translations.</summary>
/// <param name="Samples">One channel at 16 kHz.</param>
/// <param name="Format">json, text, srt, vtt or verbose_json.</param>
/// <param name="Streams">Whether text comes as it is heard.</param>
/// <param name="Temperature">How it is drawn.</param>
/// <param name="Language">What the caller says was spoken, or null.</param>
/// <param name="Target">The language of a translation, or null for none.</param>
internal sealed record SpeechRequest(float[] Samples, string Format, bool Streams, float Temperature, string? Language, string? Target)
{
    /// <summary>Length of the sound in seconds.</summary>
    public double Seconds => (double)Samples.Length / SampleStream.Rate;

    /// <summary>Reads it.</summary>
    public static async Task<SpeechRequest> Read(HttpContext context, ServedModel model, bool translates)
    {
        if (!context.Request.HasFormContentType)
        {
            throw new ApiException(415, $"Content-Type {context.Request.ContentType ?? "(none)"}: expected multipart/form-data with a part \"file\"; send a form.");
        }

        IFormCollection form;
        try
        {
            form = await context.Request.ReadFormAsync(context.RequestAborted).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            throw new ApiException(400, $"The form cannot be read: {e.Message}");
        }

        using JsonDocument document = JsonDocument.Parse(AsJson(form));
        Fields fields = new(document.RootElement);
        SpeechFields.Table.Check(context, fields);
        if (fields.Text("model") is { } name && !name.StartsWith("whisper", StringComparison.Ordinal) && !name.StartsWith("gpt-", StringComparison.Ordinal))
        {
            ChatReader.RequireModel(fields, model);
        }

        if ((fields.Texts("timestamp_granularities[]") ?? fields.Texts("timestamp_granularities"))?.Any(each => each != "segment") == true)
        {
            throw ApiException.Field("timestamp_granularities", "timestamp_granularities: expected segment, because words have no times here; leave the others out.");
        }

        IFormFile file = form.Files.GetFile("file") ?? throw ApiException.Field("file", "file is missing: expected a sound as a part of the form; give it.");
        float temperature = fields.Text("temperature") is not { } text ? 0
            : float.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out float value) && value is >= 0 and <= 5 ? value
            : throw ApiException.Field("temperature", $"temperature: expected a number from 0 to 5, but \"{text}\" came.");
        string format = ChatReader.Word(fields, "response_format", "json", "text", "srt", "vtt", "verbose_json");
        bool streams = fields.Text("stream") is "true" or "True" or "1";
        return new SpeechRequest(
            await Heard(file, model, context).ConfigureAwait(false), format, streams, temperature, fields.Text("language"), translates ? fields.Text("target_language") ?? "English" : null);
    }

    private static async Task<float[]> Heard(IFormFile file, ServedModel model, HttpContext context)
    {
        if (file.Length == 0)
        {
            throw ApiException.Field("file", "file is empty: expected a sound; send its bytes.", "invalid_media");
        }

        using MemoryStream bytes = new();
        await file.CopyToAsync(bytes, context.RequestAborted).ConfigureAwait(false);
        LoadedMedia media = model.Media.OfBytes(ChatPartKind.Audio, bytes.GetBuffer().AsMemory(0, (int)bytes.Length), "file", default, context.RequestAborted);
        return [.. media.Sounds.SelectMany(sound => sound.Samples.ToArray())];
    }

    private static ReadOnlyMemory<byte> AsJson(IFormCollection form) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in form)
        {
            if (values.Count == 1)
            {
                json.WriteString(name, values[0]);
                continue;
            }

            json.WriteStartArray(name);
            foreach (string? value in values)
            {
                json.WriteStringValue(value);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    });
}
