using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;

namespace GemmaVk.Grammar.Expressions;

/// <summary>The named sets of characters of regular expressions.</summary>
internal static class CharacterClasses
{
    private static readonly ConcurrentDictionary<string, CodeSet?> Categories = new();

    public static CodeSet Digit { get; } = CodeSet.Of(('0', '9'));

    public static CodeSet Word { get; } = CodeSet.Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));

    public static CodeSet Blank { get; } = CodeSet.OfChars("\t\n\v\f\r \u00A0\u1680\u2028\u2029\u202F\u205F\u3000").Union(CodeSet.Of((0x2000, 0x200A)));

    /// <summary>What any engine takes for a digit.</summary>
    public static CodeSet WideDigit => Digit.Union(Category("Nd")!);

    /// <summary>What any engine may take for a letter of a word.</summary>
    public static CodeSet WideWord { get; } = Word.Union(CodeSet.Of((0x80, CodeSet.Last)));

    /// <summary>What any engine takes for a blank.</summary>
    public static CodeSet WideBlank { get; } = Blank.Union(CodeSet.OfChars("\x1C\x1D\x1E\x1F\u0085\u180E\u200B\uFEFF"));

    /// <summary>Characters above U+FFFF.</summary>
    public static CodeSet Astral { get; } = CodeSet.Of((0x10000, CodeSet.Last));

    /// <summary>What a dot matches: anything but the ends of lines.</summary>
    public static CodeSet Dot { get; } = CodeSet.OfChars("\n\r\u2028\u2029").Complement();

    /// <summary>What a dot matches in any engine.</summary>
    public static CodeSet WideDot { get; } = CodeSet.OfChars("\n").Complement();

    /// <summary>The characters of a general category by its short name ("L", "Lu"), or null.</summary>
    public static CodeSet? Category(string name) => Categories.GetOrAdd(name, Scan);

    private static CodeSet? Scan(string name)
    {
        if (name.Length is < 1 or > 2 || !"LMNPSZC".Contains(name[0], StringComparison.Ordinal))
        {
            return null;
        }

        var ranges = new List<(int, int)>();
        for (int code = 0; code <= CodeSet.Last; code++)
        {
            if (code is not (>= 0xD800 and < 0xE000) && ShortName(CharUnicodeInfo.GetUnicodeCategory(code)).StartsWith(name, StringComparison.Ordinal))
            {
                ranges.Add((code, code));
            }
        }

        return ranges.Count == 0 ? null : CodeSet.Of(ranges);
    }

    private static string ShortName(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => "Lu",
        UnicodeCategory.LowercaseLetter => "Ll",
        UnicodeCategory.TitlecaseLetter => "Lt",
        UnicodeCategory.ModifierLetter => "Lm",
        UnicodeCategory.OtherLetter => "Lo",
        UnicodeCategory.NonSpacingMark => "Mn",
        UnicodeCategory.SpacingCombiningMark => "Mc",
        UnicodeCategory.EnclosingMark => "Me",
        UnicodeCategory.DecimalDigitNumber => "Nd",
        UnicodeCategory.LetterNumber => "Nl",
        UnicodeCategory.OtherNumber => "No",
        UnicodeCategory.ConnectorPunctuation => "Pc",
        UnicodeCategory.DashPunctuation => "Pd",
        UnicodeCategory.OpenPunctuation => "Ps",
        UnicodeCategory.ClosePunctuation => "Pe",
        UnicodeCategory.InitialQuotePunctuation => "Pi",
        UnicodeCategory.FinalQuotePunctuation => "Pf",
        UnicodeCategory.OtherPunctuation => "Po",
        UnicodeCategory.MathSymbol => "Sm",
        UnicodeCategory.CurrencySymbol => "Sc",
        UnicodeCategory.ModifierSymbol => "Sk",
        UnicodeCategory.OtherSymbol => "So",
        UnicodeCategory.SpaceSeparator => "Zs",
        UnicodeCategory.LineSeparator => "Zl",
        UnicodeCategory.ParagraphSeparator => "Zp",
        UnicodeCategory.Control => "Cc",
        UnicodeCategory.Format => "Cf",
        UnicodeCategory.Surrogate => "Cs",
        UnicodeCategory.PrivateUse => "Co",
        _ => "Cn",
    };
}
