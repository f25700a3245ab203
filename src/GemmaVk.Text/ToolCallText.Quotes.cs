using System;
using System.Globalization;
using System.Text;

namespace GemmaVk.Text;

/// <content>
/// Strings as JSON and Python write them, which models fall into: one or three quotation marks of either kind, with escapes. The end is the
/// first mark behind which the call can go on, so that "it's" within single marks is read as it is meant.
/// </content>
internal sealed partial class ToolCallText
{
    private enum Quoted
    {
        /// <summary>No mark stands here, or what follows it is a word like any other ('tis, "a" to "b").</summary>
        None,

        /// <summary>A string was read.</summary>
        Read,

        /// <summary>A string begins and never ends.</summary>
        Unclosed,
    }

    /// <summary>Reads a string in ordinary quotation marks, if one stands here and one of <paramref name="ends"/> follows.</summary>
    private Quoted TryQuoted(string ends, out string text)
    {
        text = "";
        int start = _at;
        if (start >= _body.Length || _body[start] is not ('"' or '\'') || _quotes.Contains(start))
        {
            return Quoted.None;
        }

        char mark = _body[start];
        int marks = IsRun(start, mark, 3) ? 3 : 1;
        bool any = false;
        for (int i = start + marks; i < _body.Length && !_quotes.Contains(i); i++)
        {
            if (_body[i] == '\\')
            {
                i++;
                continue;
            }

            if (_body[i] != mark || (marks == 3 && !IsRun(i, mark, 3)))
            {
                continue;
            }

            any = true;
            int next = i + marks;
            while (next < _body.Length && char.IsWhiteSpace(_body[next]))
            {
                next++;
            }

            if (next < _body.Length && ends.Contains(_body[next], StringComparison.Ordinal) && !_quotes.Contains(next))
            {
                text = Unescape(_body.AsSpan(start + marks, i - start - marks));
                _at = next;
                return Quoted.Read;
            }
        }

        return any || mark == '\'' ? Quoted.None : Quoted.Unclosed;
    }

    private bool IsRun(int at, char mark, int count)
    {
        for (int i = at; i < at + count; i++)
        {
            if (i >= _body.Length || _body[i] != mark || _quotes.Contains(i))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The escapes of JSON and of Python; what is none stays as it is, backslash included.</summary>
    private static string Unescape(ReadOnlySpan<char> raw)
    {
        if (!raw.Contains('\\'))
        {
            return raw.ToString();
        }

        StringBuilder text = new(raw.Length);
        for (int i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\' || i + 1 == raw.Length)
            {
                text.Append(raw[i]);
                continue;
            }

            char kind = raw[++i];
            int digits = kind switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
            if (digits > 0 && i + digits < raw.Length && TryHex(raw.Slice(i + 1, digits), out int code))
            {
                Append(text, code);
                i += digits;
                continue;
            }

            text.Append(kind switch
            {
                '"' or '\'' or '\\' or '/' => kind.ToString(),
                'n' => "\n",
                'r' => "\r",
                't' => "\t",
                'b' => "\b",
                'f' => "\f",
                'v' => "\v",
                'a' => "\a",
                '\n' => "",
                _ => $"\\{kind}",
            });
        }

        return WithoutHalves(text);
    }

    private static bool TryHex(ReadOnlySpan<char> digits, out int code) =>
        int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out code) && code is >= 0 and <= 0x10FFFF;

    private static void Append(StringBuilder text, int code)
    {
        if (code > char.MaxValue)
        {
            text.Append(char.ConvertFromUtf32(code));
        }
        else
        {
            text.Append((char)code);
        }
    }

    /// <summary>Half a surrogate pair is no text.</summary>
    private static string WithoutHalves(StringBuilder text)
    {
        StringBuilder whole = new(text.Length);
        foreach (Rune rune in text.ToString().EnumerateRunes())
        {
            whole.Append(rune);
        }

        return whole.ToString();
    }
}
