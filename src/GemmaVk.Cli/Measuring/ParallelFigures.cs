using System;
using System.Globalization;
using System.Text.Json;

namespace GemmaVk.Cli.Measuring;

/// <summary>What several conversations side by side got.</summary>
/// <param name="Users">How many.</param>
/// <param name="PerUser">Tokens per second of each.</param>
/// <param name="Speedup">Total tokens per second, in those of one conversation in the same run.</param>
/// <param name="GapMedian">Seconds between two tokens of a conversation, the middle value.</param>
/// <param name="GapP99">Seconds that 99 of 100 gaps stay within.</param>
internal sealed record ParallelFigures(int Users, double PerUser, double Speedup, double GapMedian, double GapP99)
{
    /// <summary>In half a sentence.</summary>
    public string InWords() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Speedup:F2} times one conversation of the same run; each {PerUser:F2} tokens/s, {1000 * GapMedian:F1} ms between tokens (99 of 100 within {1000 * GapP99:F1} ms)");

    /// <summary>As a member of an object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("parallel");
        json.WriteNumber("users", Users);
        json.WriteNumber("tokens_per_second_each", Math.Round(PerUser, 4));
        json.WriteNumber("speedup_over_one", Math.Round(Speedup, 4));
        json.WriteNumber("gap_seconds_median", Math.Round(GapMedian, 6));
        json.WriteNumber("gap_seconds_p99", Math.Round(GapP99, 6));
        json.WriteEndObject();
    }
}
