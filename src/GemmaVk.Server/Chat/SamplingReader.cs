using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using System.Text.Json;
using GemmaVk.Server.Http;

namespace GemmaVk.Server.Chat;

/// <summary>Reads how tokens are drawn and when an answer ends: the fields that all APIs share.</summary>
internal static class SamplingReader
{
    private const int MostStops = 16;
    private const float Hottest = 5;

    /// <summary>How to draw.</summary>
    public static DrawOptions Draw(Fields body) => new(
        body.Real("temperature", 0, Hottest) is { } temperature && temperature is 0 or >= 1e-20f ? temperature : null,
        body.Whole("top_k", -1, int.MaxValue) is { } k ? Math.Max(0, k) : null,
        body.Real("top_p", 0, 1) is { } p ? (p == 0 ? float.Epsilon : p) : null,
        body.Real("min_p", 0, 0.999999f),
        Seed(body));

    /// <summary>Texts that end the answer.</summary>
    public static IReadOnlyList<string> Stops(Fields body, string name)
    {
        IReadOnlyList<string> stops = body.Texts(name) ?? [];
        if (stops.Count > MostStops || stops.Any(string.IsNullOrEmpty))
        {
            throw ApiException.Field(body.Path(name), $"{body.Path(name)}: expected up to {MostStops} texts that are not empty, but {(stops.Count > MostStops ? $"{stops.Count}" : "an empty one")} came.");
        }

        return stops;
    }

    /// <summary>A bias for each id.</summary>
    public static IReadOnlyDictionary<int, float> Bias(Fields body, int vocabulary)
    {
        Dictionary<int, float> bias = [];
        if (body.Object("logit_bias") is not { } given)
        {
            return bias;
        }

        foreach (string name in given.Names)
        {
            bias[int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int id) && id < vocabulary
                ? id
                : throw ApiException.Field("logit_bias", $"logit_bias: expected ids of tokens from 0 to {vocabulary - 1}, but \"{name}\" came; /tokenize gives the ids of a text.")] = given.Real(name, -100, 100)!.Value;
        }

        return bias;
    }

    // Whoever gives no seed expects another answer each time.
    private static ulong? Seed(Fields body)
    {
        if (body.Any("seed") is not { } seed || (seed.ValueKind == JsonValueKind.Number && seed.GetRawText() == "-1"))
        {
            return BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        }

        return seed.ValueKind == JsonValueKind.Number && seed.TryGetInt64(out long number) ? unchecked((ulong)number)
            : seed.ValueKind == JsonValueKind.Number && seed.TryGetUInt64(out ulong large) ? large
            : throw body.Wrong("seed", "a whole number of 64 bits", seed);
    }
}
