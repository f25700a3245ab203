using System;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.Json.Nodes;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Model.Tests;

/// <summary>Files that are odd and plain in meaning, and settings that are odd and are not.</summary>
public class LenientConfigTests
{
    private static readonly string Text = Encoding.UTF8.GetString(Golden.Bytes("tiny", "config.json")).TrimEnd();

    [Fact]
    public void AByteOrderMarkCommentsAndTrailingCommasChangeNothing()
    {
        Gemma4Config plain = Parse(Encoding.UTF8.GetBytes(Text));
        Gemma4Config odd = Parse([.. Encoding.UTF8.GetPreamble(), .. Encoding.UTF8.GetBytes("// saved by hand\n" + Text[..^1] + ", /* end */ }\n")]);
        Assert.Equal(plain.HiddenSize, odd.HiddenSize);
        Assert.Equal(plain.LayerTypes, odd.LayerTypes);
        Assert.Equal(plain.Generation.SuppressTokens, odd.Generation.SuppressTokens);
    }

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public void Utf16IsSaid(string name)
    {
        Encoding encoding = Encoding.GetEncoding(name);
        Says("must be UTF-8 text, but is UTF-16; save it as UTF-8", [.. encoding.GetPreamble(), .. encoding.GetBytes(Text)]);
        Says("is UTF-16", encoding.GetBytes(Text));
    }

    [Theory]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("-Infinity")]
    public void AWordThatIsNoNumberIsNamed(string word) =>
        Says($"has {word}, which JSON has no number for", Encoding.UTF8.GetBytes(Text.Replace("\"model_type\": \"gemma4_unified\"", $"\"model_type\": \"gemma4_unified\",\n\"rms_norm_eps\": {word}", StringComparison.Ordinal)));

    [Theory]
    [InlineData("text_config.rms_norm_eps")]
    [InlineData("text_config.final_logit_softcapping")]
    [InlineData("text_config.rope_parameters.full_attention.rope_theta")]
    [InlineData("text_config.rope_parameters.sliding_attention.rope_theta")]
    [InlineData("text_config.rope_parameters.full_attention.partial_rotary_factor")]
    [InlineData("vision_config.rms_norm_eps")]
    [InlineData("audio_config.rms_norm_eps")]
    public void ANumberThatFloat32CannotHoldIsRefusedByItsKey(string path)
    {
        foreach (string value in (string[])["1e39", "-1e39", "1e300", "1e-46", "1e-300", "1e-40", "3.5e38"])
        {
            Refused(path, value, path.Split('.')[^1], "float32");
        }

        Refused(path, "1e999", path.Split('.')[^1]);
        Refused(path, "\"1\"", path.Split('.')[^1]);
    }

    [Theory]
    [InlineData("text_config.final_logit_softcapping", "1e30", "from 1e-20 to 1e20")]
    [InlineData("text_config.final_logit_softcapping", "1e-30", "from 1e-20 to 1e20")]
    [InlineData("text_config.final_logit_softcapping", "-0.0", "above 0 or null")]
    [InlineData("text_config.rms_norm_eps", "-0.0", "above 0")]
    public void ACapThatLeavesNoLogitsIsRefused(string path, string value, string words) => Refused(path, value, words);

    [Theory]
    [InlineData("\"top_k\": -1", 0)]
    [InlineData("\"top_k\": 0", 0)]
    [InlineData("\"top_k\": null", 0)]
    [InlineData("\"top_k\": 40.0", 40)]
    [InlineData("\"top_p\": 1.0", 64)]
    public void TopKTakesWhatOthersWrite(string json, int topK) => Assert.Equal(topK, Generation($"{{{json}}}").TopK);

    [Theory]
    [InlineData("\"top_p\": 0")]
    [InlineData("\"top_p\": 0.0, \"temperature\": 1e300")]
    [InlineData("\"temperature\": -3, \"top_k\": -7, \"top_p\": 9")]
    [InlineData("\"temperature\": \"warm\", \"top_k\": []")]
    public void WithoutADrawTheRestDoesNotMatter(string json)
    {
        GenerationConfig generation = Generation($"{{\"do_sample\": false, {json}}}");
        Assert.False(generation.DoSample);
        Assert.Equal((1f, 64, 0.95f), (generation.Temperature, generation.TopK, generation.TopP));
    }

    [Fact]
    public void OddDrawsThatArePlainAreTaken()
    {
        Assert.False(Generation("{\"top_p\": 0}").DoSample);
        Assert.Equal(1, Generation("{\"top_p\": null}").TopP);
        Assert.Equal(0.05f, Generation("{\"min_p\": 0.05}").MinP);
        Assert.Equal(0f, BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(Generation("{\"temperature\": -0.0}").Temperature)));
        Assert.Equal(0u, BitConverter.SingleToUInt32Bits(Generation("{\"temperature\": -0.0}").Temperature));
        Assert.Equal(0.7f, Generation("\ufeff{\"temperature\": 0.7,}").Temperature);
    }

    [Theory]
    [InlineData("\"temperature\": 1e300", "temperature")]
    [InlineData("\"temperature\": 1e39", "temperature")]
    [InlineData("\"temperature\": 1e-30", "temperature")]
    [InlineData("\"temperature\": 1e-50", "temperature")]
    [InlineData("\"temperature\": -1", "temperature")]
    [InlineData("\"top_k\": -2", "top_k")]
    [InlineData("\"top_k\": 1e300", "top_k")]
    [InlineData("\"top_k\": 2.5", "top_k")]
    [InlineData("\"top_p\": 1.5", "top_p")]
    [InlineData("\"top_p\": -0.1", "top_p")]
    [InlineData("\"min_p\": 1", "min_p")]
    [InlineData("\"min_p\": 1e-60", "min_p")]
    public void ASettingThatNothingCanBeDrawnWithIsRefusedByItsKey(string json, string key)
    {
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => Generation($"{{{json}}}"));
        Assert.Contains($"generation_config.json: {key} must be", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsNotFollowedIsListed()
    {
        Assert.Empty(Generation("{\"repetition_penalty\": 1.0, \"num_beams\": 1, \"no_repeat_ngram_size\": 0, \"stop_strings\": [], \"max_length\": 20, \"early_stopping\": false}").Unheeded);
        Assert.Equal(["repetition_penalty 1.05", "penalty_alpha 0.6"], Generation("{\"repetition_penalty\": 1.05, \"penalty_alpha\": 0.6}").Unheeded);
    }

    [Fact]
    public void MessagesAreTheSameUnderEveryCulture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        commas.NumberFormat.NumberDecimalSeparator = ",";
        try
        {
            CultureInfo.CurrentCulture = commas;
            Refused("text_config.rope_parameters.full_attention.partial_rotary_factor", "1.5", "but is 1.5");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void StringsOfTheFileDoNotSteerTheTerminal()
    {
        JsonObject json = Golden.Json("tiny", "config.json");
        json["model_type"] = "x\u001b]0;gone\u0007\u202e\u009b\r\n" + new string('z', 5000);
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => Parse(Encoding.UTF8.GetBytes(json.ToJsonString())));
        Assert.Contains("x\\u001b]0;gone\\u0007\\u202e\\u009b\\r\\n", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(error.Message, char.IsControl);
        Assert.InRange(error.Message.Length, 100, 2200);
    }

    private static Gemma4Config Parse(byte[] bytes) => Gemma4Config.Parse(bytes, "x/config.json");

    private static void Says(string words, byte[] bytes) =>
        Assert.Contains(words, Assert.Throws<GemmaVkException>(() => Parse(bytes)).Message, StringComparison.Ordinal);

    private static void Refused(string path, string value, params string[] words)
    {
        JsonObject json = Golden.Json("tiny", "config.json");
        string[] keys = path.Split('.');
        JsonNode parent = json;
        foreach (string key in keys[..^1])
        {
            parent = parent[key]!;
        }

        parent[keys[^1]] = JsonValue.Create("HERE");
        string text = json.ToJsonString().Replace("\"HERE\"", value, StringComparison.Ordinal);
        GemmaVkException error = Assert.Throws<GemmaVkException>(() => Parse(Encoding.UTF8.GetBytes(text)));
        Assert.StartsWith("x/config.json: ", error.Message, StringComparison.Ordinal);
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
    }

    private static GenerationConfig Generation(string json)
    {
        string folder = Directory.CreateTempSubdirectory("gemmavk-model-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "config.json"), Text);
            File.WriteAllText(Path.Combine(folder, "generation_config.json"), json);
            return Gemma4Config.Load(folder).Generation;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
