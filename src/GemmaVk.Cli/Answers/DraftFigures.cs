using System;
using System.Globalization;
using System.IO;
using System.Text.Json;
using GemmaVk.Runtime;
using GemmaVk.Runtime.Drafting;

namespace GemmaVk.Cli.Answers;

/// <summary>What a drafter did, in words and as an object.</summary>
/// <param name="Folder">Its folder, or null without one.</param>
/// <param name="Reason">Why this one or none.</param>
/// <param name="Stats">What it did, or null where nothing was decoded with it.</param>
internal sealed record DraftFigures(string? Folder, string Reason, DraftStats? Stats)
{
    public static DraftFigures Of(GemmaEngine engine, DraftStats? stats) => new(engine.DrafterFolder, engine.DrafterReason, stats);

    /// <summary>In words.</summary>
    public string Words
    {
        get
        {
            if (Folder is null)
            {
                return $"none ({Reason})";
            }

            string name = $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(Folder))} ({Reason})";
            return Stats is { Steps: > 0 } stats ? $"{name}: {Did(stats)}" : name;
        }
    }

    /// <summary>Tokens per step and acceptance; what was assumed is marked.</summary>
    public static string Did(DraftStats stats)
    {
        string faster = stats.Speedup is { } times ? string.Create(CultureInfo.InvariantCulture, $", {times:F2} times a plain step measured here") : "";
        string assumed = stats.Assumed is { } chance ? string.Create(CultureInfo.InvariantCulture, $" (ASSUMED acceptance {chance:0.##})") : "";
        string rests = stats.Paused ? "; paused, because no length pays" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{stats.TokensPerStep:F2} tokens per step, {stats.Kept} of {stats.Drafts} drafts accepted{assumed}{faster}{rests}");
    }

    /// <summary>As an object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("folder", Folder);
        json.WriteString("reason", Reason);
        if (Stats is { } stats)
        {
            WriteStats(json, stats);
        }

        json.WriteEndObject();
    }

    /// <summary>The properties of what was done.</summary>
    public static void WriteStats(Utf8JsonWriter json, DraftStats stats)
    {
        json.WriteNumber("steps", stats.Steps);
        json.WriteNumber("tokens_per_step", Math.Round(stats.TokensPerStep, 4));
        json.WriteNumber("drafts", stats.Drafts);
        json.WriteNumber("accepted", stats.Kept);
        json.WriteNumber("acceptance", Math.Round(stats.Acceptance, 4));
        json.WriteStartArray("acceptance_by_place");
        foreach (double place in stats.AcceptanceByPlace)
        {
            json.WriteNumberValue(Math.Round(place, 4));
        }

        json.WriteEndArray();
        if (stats.Assumed is { } chance)
        {
            json.WriteNumber("assumed_acceptance", chance);
        }

        json.WriteNumber("draft_seconds", Math.Round(stats.DraftTime.TotalSeconds, 6));
        json.WriteNumber("target_seconds", Math.Round(stats.TargetTime.TotalSeconds, 6));
        if (stats.Speedup is { } times)
        {
            json.WriteNumber("speedup", Math.Round(times, 4));
        }

        json.WriteBoolean("paused", stats.Paused);
    }
}
