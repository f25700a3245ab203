using System.Linq;
using FsCheck;
using FsCheck.Fluent;

namespace GemmaVk.Text.Tests;

/// <summary>Strings that are hard on a tokenizer: control spellings and pieces of them, runs of white space, rare and broken characters.</summary>
internal static class Texts
{
    private static readonly string[] Pieces =
    [
        .. ControlText.All, " ", "  ", "\n", "\t", "\r\n", "the", " of", "red", "\u00e9", "e\u0301", "\u4e16\u754c", "\U0001F999", "\u200d", "\u0000", "\u00a0",
        "<", "|", ">", "<|", "|>", "<|tu", "rn>", "<0x41>", "42", "{\"a\": [1]}", "\ufffd", "\ud800", "\udc00", "call:f{a:1}", "thought\n",
    ];

    private static readonly Gen<string> Piece = Gen.OneOf(Gen.Elements(Pieces), Gen.Choose(1, 0xFFFF).Select(c => c == 0x2581 ? "x" : ((char)c).ToString()), Gen.Choose(32, 126).Select(c => ((char)c).ToString()));

    public static Arbitrary<string> Any { get; } = Piece.ListOf().Select(string.Concat).ToArbitrary();

    /// <summary>Any text without half surrogate pairs.</summary>
    public static Arbitrary<string> Valid { get; } = Any.Generator.Select(Repair).ToArbitrary();

    /// <summary>What UTF-8 makes of half a surrogate pair: U+FFFD.</summary>
    public static string Repair(string text) => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Cuts at random places.</summary>
    public static Gen<string[]> Chunks(string text) => Gen.Choose(0, text.Length).ListOf()
        .Select(cuts => cuts.Append(0).Append(text.Length).Order().ToArray())
        .Select(cuts => cuts.Skip(1).Zip(cuts, (end, start) => text[start..end]).ToArray());
}
