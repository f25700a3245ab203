using System;
using GemmaVk.Text;

namespace GemmaVk.Grammar.Tests;

/// <summary>The small vocabulary that comes with the program.</summary>
internal static class Pebble
{
    private static readonly Lazy<BpeTokenizer> Text = new(() => BpeTokenizer.Load(Repository.Path("weights", "pebble", "tokenizer.json")));
    private static readonly Lazy<Vocabulary> Read = new(() => new Vocabulary(Text.Value));

    public static BpeTokenizer Tokenizer => Text.Value;

    public static Vocabulary Vocabulary => Read.Value;
}
