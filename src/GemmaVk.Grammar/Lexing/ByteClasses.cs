using System.Linq;
using GemmaVk.Grammar.Expressions;

namespace GemmaVk.Grammar.Lexing;

/// <summary>Which bytes belong to which <see cref="ByteClass"/>.</summary>
internal static class ByteClasses
{
    /// <summary>The groups of ASCII with their bytes.</summary>
    public static (ByteClass Class, byte[] Bytes)[] Ascii { get; } =
        [.. Enumerable.Range(0, 128).Select(value => (byte)value).GroupBy(Of).Select(group => (group.Key, group.ToArray()))];

    /// <summary>The characters of <see cref="ByteClass.Beyond"/>.</summary>
    public static CodeSet Beyond { get; } = CodeSet.Of((0x80, CodeSet.Last)).Except(CharacterClasses.Blank);

    /// <summary>The characters of <see cref="ByteClass.BeyondBlank"/>.</summary>
    public static CodeSet BeyondBlank { get; } = CharacterClasses.Blank.Except(CodeSet.Of((0, 0x7F)));

    /// <summary>The group of an ASCII byte; <see cref="ByteClass.Broken"/> beyond.</summary>
    public static ByteClass Of(byte value) => (char)value switch
    {
        >= 'a' and <= 'z' => ByteClass.Lower,
        >= 'A' and <= 'Z' => ByteClass.Upper,
        >= '0' and <= '9' => ByteClass.Digit,
        ' ' => ByteClass.Space,
        '_' => ByteClass.Underscore,
        '-' => ByteClass.Dash,
        '.' => ByteClass.Dot,
        '/' => ByteClass.Slash,
        '"' => ByteClass.Quote,
        '\\' => ByteClass.Backslash,
        '\t' or '\n' or '\r' => ByteClass.Blank,
        < ' ' or '\x7F' => ByteClass.Control,
        < '\x80' => ByteClass.Punctuation,
        _ => ByteClass.Broken,
    };
}
