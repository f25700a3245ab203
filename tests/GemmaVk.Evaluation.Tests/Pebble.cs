using GemmaVk.Text;

namespace GemmaVk.Evaluation.Tests;

/// <summary>The small model's tokenizer, texts and questions.</summary>
internal static class Pebble
{
    public static BpeTokenizer Tokenizer { get; } = ModelTokenizer.Load(Repository.Pebble)!;

    public static string Text => Repository.Path("weights", "tasks", "pebble.txt");

    public static string Questions => Repository.Path("weights", "tasks", "pebble.jsonl");
}
