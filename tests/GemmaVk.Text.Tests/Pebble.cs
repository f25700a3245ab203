using System;
using System.IO;

namespace GemmaVk.Text.Tests;

/// <summary>The tokenizer of the embedded checkpoint: 1,024 tokens, control tokens at other ids than the 12B's.</summary>
internal static class Pebble
{
    private static readonly Lazy<BpeTokenizer> Loaded = new(() => BpeTokenizer.Load(GoldenJson.PebbleTokenizer));

    public static BpeTokenizer Tokenizer => Loaded.Value;

    public static byte[] Bytes { get; } = File.ReadAllBytes(GoldenJson.PebbleTokenizer);
}
