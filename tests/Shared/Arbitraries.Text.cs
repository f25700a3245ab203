using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using GemmaVk.Text;
using GemmaVk.Text.Tests;

namespace GemmaVk.Shared;

public static partial class Arbitraries
{
    // Control spellings and pieces of them, runs of white space, rare and broken characters.
    private static readonly string[] Pieces =
    [
        "a", " ", "  ", "\n", "\t", "\r\n", "the", " of", "red", "\u00e9", "e\u0301", "\u4e16\u754c", "\U0001F999", "\u200d", "\u0000", "\u00a0",
        "<", "|", ">", "<|", "|>", "<|tu", "rn>", "<0x41>", "42", "{\"a\": [1]}", "\ufffd", "\ud800", "\udc00", "call:f{a:1}", "thought\n", .. ControlText.All,
    ];

    /// <summary>Strings that are hard on a tokenizer.</summary>
    public static Arbitrary<HardText> HardTexts => Pieced(Gen.OneOf(
        Gen.Elements(Pieces), Gen.Choose(1, 0xFFFF).Select(c => c == 0x2581 ? "x" : $"{(char)c}"), Gen.Choose(32, 126).Select(c => $"{(char)c}")), 80)
        .Convert(pieces => new HardText(pieces), text => text.Pieces);

    /// <summary>Such strings without half surrogate pairs.</summary>
    public static Arbitrary<ValidText> ValidTexts => Arb.From(
        HardTexts.Generator.Select(text => new ValidText(text.Pieces)), text => HardTexts.Shrinker(new HardText(text.Pieces)).Select(simpler => new ValidText(simpler.Pieces)));

    /// <summary>What stands between the braces of a call, right and wrong.</summary>
    public static Arbitrary<CallText> CallTexts => Pieced(
        Gen.Elements("a", "1", "-", ".5", "true", "nil", " ", "\n", ":", ",", "{", "}", "[", "]", "\"", "<|\"|>", "call:f{", "\ud800", "<|image|>", "<|tool_call>", "\u0000"), 80)
        .Convert(pieces => new CallText(pieces), text => text.Pieces);

    /// <summary>JSON values with the keys of schemas.</summary>
    public static Arbitrary<SchemaText> SchemaTexts => Arb.From(Schema(4).Select(text => new SchemaText(text)), schema => schema.Parts());

    /// <summary>Answers cut at random places; control tokens stay whole.</summary>
    public static Arbitrary<ChunkedText> ChunkedTexts => Arb.From(
        HardTexts.Generator.SelectMany(text => Chunks(text.Text).Select(chunks => new ChunkedText(text, chunks))),
        chunked => HardTexts.Shrinker(chunked.Whole).Select(text => new ChunkedText(text, [.. GoldenParseTests.Pieces(text.Text)])));

    /// <summary>Ids of the small vocabulary.</summary>
    public static Arbitrary<TokenIds> TokenIds => Draw.List(0, 100, Draw.Between(0, 1023)).Convert(ids => new TokenIds(ids), tokens => tokens.Ids);

    private static Arbitrary<string[]> Pieced(Gen<string> piece, int most) => Draw.List(0, most, piece.ToArbitrary());

    private static Gen<string> Schema(int depth)
    {
        Gen<string> key = Gen.Elements("type", "properties", "required", "items", "description", "enum", "nullable", "a", "B", "\\ud800");
        Gen<string> leaf = Gen.Elements("null", "true", "0", "1.5e3", "\"string\"", "\"array\"", "\"OBJECT\"", "\"\"", "[]", "{}", "[\"string\", null]", "\"\\udc00\"");
        return depth == 0 ? leaf : Gen.OneOf(
            leaf,
            Schema(depth - 1).ListOf().Select(items => $"[{string.Join(", ", items.Take(4))}]"),
            key.SelectMany(name => Schema(depth - 1).Select(value => $"\"{name}\": {value}")).ListOf().Select(pairs => $"{{{string.Join(", ", pairs.Take(5))}}}"));
    }

    private static Gen<(string Piece, bool Control)[]> Chunks(string text) => GoldenParseTests.Pieces(text)
        .Select(piece => piece.Control ? Gen.Constant(new[] { piece }) : Cuts(piece.Piece).Select(chunks => chunks.Select(chunk => (chunk, false)).ToArray()))
        .Aggregate(Gen.Constant(Array.Empty<(string, bool)>()), (before, next) => before.SelectMany(a => next.Select(b => a.Concat(b).ToArray())));

    private static Gen<string[]> Cuts(string text) => Gen.Choose(0, text.Length).ListOf()
        .Select(cuts => cuts.Append(0).Append(text.Length).Order().ToArray())
        .Select(cuts => cuts.Skip(1).Zip(cuts, (end, start) => text[start..end]).ToArray());
}

/// <summary>A text of pieces.</summary>
public sealed record HardText(string[] Pieces)
{
    public string Text => string.Concat(Pieces);

    public override string ToString() => JsonSerializer.Serialize(Text);
}

/// <summary>A text of pieces in which U+FFFD stands for what UTF-8 cannot say.</summary>
public sealed record ValidText(string[] Pieces)
{
    public string Text => Utf8.Repair(string.Concat(Pieces));

    public override string ToString() => JsonSerializer.Serialize(Text);
}

/// <summary>A text in a call.</summary>
public sealed record CallText(string[] Pieces)
{
    public string Text => string.Concat(Pieces);

    public override string ToString() => JsonSerializer.Serialize(Text);
}

/// <summary>A JSON value.</summary>
public sealed record SchemaText(string Text)
{
    /// <summary>The values in it.</summary>
    public IEnumerable<SchemaText> Parts()
    {
        JsonElement value = JsonElement.Parse(Text);
        IEnumerable<JsonElement> parts = value.ValueKind switch
        {
            JsonValueKind.Array => value.EnumerateArray(),
            JsonValueKind.Object => value.EnumerateObject().Select(pair => pair.Value),
            _ => [],
        };
        return parts.Select(part => new SchemaText(part.GetRawText()));
    }

    public override string ToString() => Text;
}

/// <summary>An answer and the chunks in which it arrives.</summary>
public sealed record ChunkedText(HardText Whole, (string Piece, bool Control)[] Chunks)
{
    public override string ToString() => $"{Whole} as {string.Join(" | ", Chunks.Select(chunk => JsonSerializer.Serialize(chunk.Piece)))}";
}

/// <summary>Ids of tokens.</summary>
public sealed record TokenIds(int[] Ids)
{
    public override string ToString() => string.Join(", ", Ids);
}

/// <summary>What UTF-8 makes of a text: U+FFFD for half a surrogate pair.</summary>
internal static class Utf8
{
    public static string Repair(string text) => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text));
}
