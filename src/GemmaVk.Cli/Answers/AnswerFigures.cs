using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Sessions;
using static System.FormattableString;

namespace GemmaVk.Cli.Answers;

/// <summary>What an answer took, beside what the machine's memory can give.</summary>
/// <param name="Backend">Kind of device: cpu or a kind of GPU access.</param>
/// <param name="Device">What it ran on.</param>
/// <param name="Reason">Why there.</param>
/// <param name="Cache">What keys and values are stored as.</param>
/// <param name="Stats">Tokens, times, bytes.</param>
/// <param name="MeasuredBytesPerSecond">Measured read bandwidth, or null where nothing was decoded to compare with it.</param>
/// <param name="LoadSeconds">Time until the model could be asked.</param>
/// <param name="FirstTokenSeconds">From the start of the process to the first token, or null where that says nothing.</param>
/// <param name="Drafter">What guessed ahead, if anything.</param>
/// <param name="Media">Pictures, sounds and clips of the prompt.</param>
internal sealed record AnswerFigures(
    string Backend,
    string Device,
    string Reason,
    string Cache,
    GenerationStats Stats,
    double? MeasuredBytesPerSecond,
    double LoadSeconds,
    double? FirstTokenSeconds,
    DraftFigures Drafter,
    IReadOnlyList<LoadedMedia> Media)
{
    // "drafts 12.3 per step", rates and times take 60 columns.
    private const int MostDevice = 38;

    /// <summary>Measures the device where the answer had a decoding step, over the weights: no plan has room for more.</summary>
    public static AnswerFigures Of(
        GemmaEngine engine, GenerationStats stats, double loadSeconds, double? firstTokenSeconds = null, IReadOnlyList<LoadedMedia>? media = null) => new(
        engine.Backend.Device.Backend,
        engine.Backend.Device.Name,
        engine.DeviceReason,
        engine.Model.Precision.CacheInWords(engine.Model.Plan),
        stats,
        stats.Steps > 0 && engine.Backend.MeasureReadBandwidth(engine.Model.Weights.Matrices) is > 0 and var measured ? measured : null,
        loadSeconds,
        firstTokenSeconds,
        DraftFigures.Of(engine, stats.Drafting),
        media ?? []);

    /// <summary>Share of the measured bandwidth that decoding reached.</summary>
    public double? Share => MeasuredBytesPerSecond is { } measured ? Stats.BytesPerSecond / measured : null;

    private double DecodeSeconds => Media.Sum(item => item.Decoding.TotalSeconds);

    private double ResizeSeconds => Media.Sum(item => item.Resizing.TotalSeconds);

    private double PrefillSeconds => (Stats.PromptTime - Stats.EmbedTime).TotalSeconds;

    private string Items => Media.Count == 0 ? "" : $" ({string.Join(", ", Media.Select(item => $"{item.Name} {item.Tokens}"))})";

    /// <summary>The line below an answer, at most 100 columns.</summary>
    public string Line
    {
        get
        {
            List<string> parts = [];
            if (Stats.AnswerTokens > 1)
            {
                parts.Add(Invariant($"{Stats.AnswerTokensPerSecond:F1} tok/s"));
            }

            if (Share is { } share)
            {
                parts.Add(Invariant($"{share * 100:F0} % of memory speed"));
            }

            if (Drafter.Stats is { Steps: > 0 } drafts)
            {
                parts.Add(drafts.Paused ? "drafting paused" : Invariant($"drafts {drafts.TokensPerStep:F1} per step"));
            }

            parts.Add(Invariant($"{FirstTokenSeconds ?? Stats.PromptTime.TotalSeconds:F1} s to first token"));
            parts.Add(Backend == "cpu" ? "CPU" : Device.Length <= MostDevice ? Device : Device[..MostDevice]);
            return string.Join(" · ", parts);
        }
    }

    /// <summary>Every figure, a name and its value in a row.</summary>
    public IEnumerable<(string Name, string Value)> Rows()
    {
        yield return ("device", $"{Device} ({Reason})");
        yield return ("cache", Cache);
        yield return ("prompt", Invariant($"{Stats.PromptTokens} tokens{Items}{(Stats.CachedTokens > 0 ? $" after {Stats.CachedTokens} in the cache" : "")} at {Stats.PromptTokensPerSecond:F1} tokens/s"));
        if (Media.Count > 0)
        {
            yield return ("media", Invariant($"decode {DecodeSeconds:F3} s, resize {ResizeSeconds:F3} s, embed {Stats.EmbedTime.TotalSeconds:F3} s, prefill {PrefillSeconds:F3} s"));
        }

        yield return ("answer", Invariant($"{Stats.AnswerTokens} tokens{(Stats.AnswerTokens > 1 ? Invariant($" at {Stats.AnswerTokensPerSecond:F1} tokens/s") : "")}"));
        if (Share is { } share)
        {
            yield return ("memory", Invariant($"{Stats.BytesPerSecond / 1e9:F2} GB/s = {share * 100:F0} % of the measured {MeasuredBytesPerSecond / 1e9:F1} GB/s"));
        }

        yield return ("loading", Invariant($"{LoadSeconds:F2} s{(FirstTokenSeconds is { } first ? Invariant($", first token {first:F2} s after the start") : "")}"));
        yield return ("drafter", Drafter.Words);
    }

    /// <summary>Writes <see cref="Rows"/> as a small table.</summary>
    public void WriteTable(TextWriter output)
    {
        foreach ((string name, string value) in Rows())
        {
            output.WriteLine($"  {name,-8} {value}");
        }
    }

    /// <summary>The same as an object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("device", Device);
        json.WriteString("device_reason", Reason);
        json.WriteString("cache", Cache);
        json.WriteNumber("prompt_tokens", Stats.PromptTokens);
        json.WriteNumber("cached_tokens", Stats.CachedTokens);
        json.WriteNumber("answer_tokens", Stats.AnswerTokens);
        json.WriteNumber("prompt_tokens_per_second", Math.Round(Stats.PromptTokensPerSecond, 3));
        json.WriteNumber("answer_tokens_per_second", Math.Round(Stats.AnswerTokensPerSecond, 3));
        json.WriteNumber("gb_per_second", Math.Round(Stats.BytesPerSecond / 1e9, 4));
        if (Share is { } share)
        {
            json.WriteNumber("share_of_measured", Math.Round(share, 4));
        }
        else
        {
            json.WriteNull("share_of_measured");
        }

        json.WriteNumber("load_seconds", Math.Round(LoadSeconds, 4));
        if (FirstTokenSeconds is { } first)
        {
            json.WriteNumber("first_token_seconds", Math.Round(first, 4));
        }

        json.WritePropertyName("drafter");
        Drafter.Write(json);
        if (Media.Count > 0)
        {
            WriteMedia(json);
        }

        json.WriteEndObject();
    }

    private void WriteMedia(Utf8JsonWriter json)
    {
        json.WriteNumber("decode_seconds", Math.Round(DecodeSeconds, 4));
        json.WriteNumber("resize_seconds", Math.Round(ResizeSeconds, 4));
        json.WriteNumber("embed_seconds", Math.Round(Stats.EmbedTime.TotalSeconds, 4));
        json.WriteNumber("prefill_seconds", Math.Round(PrefillSeconds, 4));
        json.WriteStartArray("media");
        foreach (LoadedMedia item in Media)
        {
            json.WriteStartObject();
            json.WriteString("file", item.Name);
            json.WriteString("kind", item.Kind.ToString().ToLowerInvariant());
            json.WriteNumber("tokens", item.Tokens);
            if (item.Note is { } note)
            {
                json.WriteString("note", note);
            }

            json.WriteNumber("decode_seconds", Math.Round(item.Decoding.TotalSeconds, 4));
            json.WriteNumber("resize_seconds", Math.Round(item.Resizing.TotalSeconds, 4));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
