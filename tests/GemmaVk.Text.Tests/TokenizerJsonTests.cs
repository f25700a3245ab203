using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using FsCheck.Xunit;
using Xunit;

namespace GemmaVk.Text.Tests;

/// <summary>Files that are not as they should be: read right, or refused with the name of the file and the fault.</summary>
public sealed class TokenizerJsonTests
{
    [Fact]
    public void ReadsMergesAsTextAndAsPairsInAnyOrder()
    {
        string expected = string.Join(' ', Pebble.Tokenizer.Encode("The red code of the river", specials: false));
        BpeTokenizer changed = BpeTokenizer.Parse(Changed(file =>
        {
            JsonObject model = file["model"]!.AsObject();
            JsonArray merges = model["merges"]!.AsArray();
            JsonNode vocabulary = model["vocab"]!;
            model.Remove("merges");
            model.Remove("vocab");
            JsonNode?[] texts = [.. merges.Select(pair => (JsonNode?)JsonValue.Create($"{pair![0]} {pair[1]}"))];
            model["merges"] = new JsonArray(texts);
            model["vocab"] = vocabulary;
            JsonNode added = file["added_tokens"]!;
            file.Remove("added_tokens");
            file["added_tokens"] = added;
        }), "changed.json");
        Assert.Equal(expected, string.Join(' ', changed.Encode("The red code of the river", specials: false)));
    }

    [Fact]
    public void AddedTokensMayExtendTheVocabulary()
    {
        BpeTokenizer extended = BpeTokenizer.Parse(Changed(file => file["added_tokens"]!.AsArray().Add(new JsonObject { ["id"] = 1024, ["content"] = "<extra>", ["special"] = true })), "extended.json");
        Assert.Equal(1025, extended.VocabularySize);
        Assert.Equal([1024], extended.Encode("<extra>", specials: true));
        Assert.True(extended.Specials.IsControl(1024));
    }

    [Fact]
    public void AMarkInFrontCommentsAndTrailingCommasChangeNothing()
    {
        string text = Encoding.UTF8.GetString(Pebble.Bytes).TrimEnd();
        BpeTokenizer same = BpeTokenizer.Parse(
            [.. Encoding.UTF8.GetPreamble(), .. Encoding.UTF8.GetBytes("// a note\n" + text[..^1] + ", /* more */ }")], "marked.json");
        Assert.Equal(Pebble.Tokenizer.Encode("The red code of the river", specials: false), same.Encode("The red code of the river", specials: false));
    }

    [Fact]
    public void NamesTheFault()
    {
        Refused("no \"model\"", file => file.Remove("model"));
        Refused("no \"normalizer\"", file => file.Remove("normalizer"));
        Refused("no \"added_tokens\"", file => file.Remove("added_tokens"));
        Refused("normalizer is not", file => file["normalizer"] = new JsonObject { ["type"] = "NFKC" });
        Refused("pre_tokenizer is not", file => file["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel" });
        Refused("not of type \"BPE\"", file => file["model"]!["type"] = "Unigram");
        Refused("no \"type\"", file => file["model"]!.AsObject().Remove("type"));
        Refused("no \"vocab\"", file => file["model"]!.AsObject().Remove("vocab"));
        Refused("no \"merges\"", file => file["model"]!.AsObject().Remove("merges"));
        Refused("byte_fallback", file => file["model"]!["byte_fallback"] = false);
        Refused("byte_fallback", file => file["model"]!.AsObject().Remove("byte_fallback"));
        Refused("ignore_merges", file => file["model"]!["ignore_merges"] = true);
        Refused("dropout", file => file["model"]!["dropout"] = 0.1);
        Refused("end_of_word_suffix", file => file["model"]!["end_of_word_suffix"] = "</w>");
        Refused("\"vocab\" is not an object", file => file["model"]!["vocab"] = new JsonArray());
        Refused("\"merges\" is not a list", file => file["model"]!["merges"] = new JsonObject());
        Refused("is missing", file => file["model"]!["vocab"]!["he"] = 5);
        Refused("without holes", file => file["model"]!["vocab"]!["he"] = 2_000_000_000);
        Refused("without holes", file => file["model"]!["vocab"]!.AsObject().Remove("he"));
        Refused("no id that is a whole number", file => file["model"]!["vocab"]!["he"] = "7");
        Refused("no id that is a whole number", file => file["model"]!["vocab"]!["he"] = 7.5);
        Refused("no id that is a whole number", file => file["model"]!["vocab"]!["he"] = -1);
        Refused("needs the token \"nowhere\"", file => file["model"]!["merges"]![3] = new JsonArray("nowhere", "e"));
        Refused("needs the token \"eh\"", file => file["model"]!["merges"]![3] = new JsonArray("e", "h"));
        Refused("merge 3 is not a pair", file => file["model"]!["merges"]![3] = new JsonArray("h", "e", "r"));
        Refused("merge 3 is not a pair", file => file["model"]!["merges"]![3] = new JsonArray("h"));
        Refused("\"left right\"", file => file["model"]!["merges"]![3] = "h e r");
        Refused("\"left right\"", file => file["model"]!["merges"]![3] = 5);
        Refused("repeats", file => file["model"]!["merges"]![3] = new JsonArray("h", "e"));
        Refused("occurs twice", file => file["added_tokens"]!.AsArray().Add(new JsonObject { ["id"] = 5, ["content"] = "<|turn>" }));
        Refused("has id 9, but the vocabulary gives it 5", file => file["added_tokens"]![5]!["id"] = 9);
        Refused("no \"content\" and \"id\"", file => file["added_tokens"]![5]!.AsObject().Remove("id"));
        Refused("neither true nor false", file => file["added_tokens"]![5]!["lstrip"] = 1);
        Refused("lacks <|turn>", file => file["added_tokens"]!.AsArray().RemoveAt(5));
        Refused("byte token <0x41> is missing", file => Rename(file, "<0x41>", "<0x4g>"));
    }

    [Fact]
    public void NamesFaultsOfTheText()
    {
        string text = Encoding.UTF8.GetString(Pebble.Bytes);
        Says("UTF-8", Encoding.Latin1.GetBytes("{\"\u00e9\": 1}"));
        Says("Save it as UTF-8", [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(text)]);
        Says("Save it as UTF-8", [.. Encoding.BigEndianUnicode.GetPreamble(), .. Encoding.BigEndianUnicode.GetBytes(text)]);
        Says("Save it as UTF-8", Encoding.Unicode.GetBytes(text));
        Says("JSON", Encoding.UTF8.GetBytes(text[..(text.Length / 2)]));
        Says("JSON", Encoding.UTF8.GetBytes(text + "x"));
        Says("JSON", []);
        Says("not valid text", Encoding.UTF8.GetBytes(text.Replace("\"he\"", "\"\\ud800\"", StringComparison.Ordinal)));
        Says("\"model\" occurs twice", Encoding.UTF8.GetBytes(text.Replace("\"version\"", "\"model\"", StringComparison.Ordinal).Replace("\"1.0\"", Model(text), StringComparison.Ordinal)));
        Says("token \"he\" occurs twice", Encoding.UTF8.GetBytes(text.Replace("\"is\":", "\"he\":", StringComparison.Ordinal).Replace("\"re\":", "\"he\":", StringComparison.Ordinal)));
        Says("does not start with an object", Encoding.UTF8.GetBytes("[1]"));
    }

    [Fact]
    public void NamesAMissingFile()
    {
        string path = Path.Combine(Path.GetTempPath(), "no such folder", "tokenizer.json");
        Assert.Contains(path, Assert.Throws<TextException>(() => BpeTokenizer.Load(path)).Message, StringComparison.Ordinal);
    }

    [Property(MaxTest = 2000)]
    public void ChangedBytesAreReadOrRefused(Damages damages)
    {
        byte[] bytes = damages.Apply(Pebble.Bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            BpeTokenizer tokenizer = BpeTokenizer.Parse(bytes, "mutated.json");
            tokenizer.Encode("the red river <|turn>", specials: true);
        }
        catch (TextException e)
        {
            Assert.Contains("mutated.json", e.Message, StringComparison.Ordinal);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    private static byte[] Changed(Action<JsonObject> change)
    {
        JsonObject file = JsonNode.Parse(Pebble.Bytes)!.AsObject();
        change(file);
        return Encoding.UTF8.GetBytes(file.ToJsonString());
    }

    private static void Refused(string fault, Action<JsonObject> change) => Says(fault, Changed(change));

    private static void Says(string fault, byte[] bytes)
    {
        TextException e = Assert.Throws<TextException>(() => BpeTokenizer.Parse(bytes, "file.json"));
        Assert.StartsWith("file.json: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(fault, e.Message, StringComparison.Ordinal);
    }

    private static void Rename(JsonObject file, string from, string to)
    {
        JsonObject vocabulary = file["model"]!["vocab"]!.AsObject();
        int id = vocabulary[from]!.GetValue<int>();
        vocabulary.Remove(from);
        vocabulary[to] = id;
    }

    private static string Model(string text) => JsonNode.Parse(text)!["model"]!.ToJsonString();
}
