using System;
using GemmaVk.Text;

namespace GemmaVk.Grammar.Tests;

/// <summary>The small vocabulary that comes with the program.</summary>
internal static class Pebble
{
    private static readonly Lazy<Vocabulary> Read = new(() => new Vocabulary(BpeTokenizer.Load(Repository.Path("weights", "pebble", "tokenizer.json"))));

    public static Vocabulary Vocabulary => Read.Value;
}
