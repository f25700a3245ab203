using System.Text;

namespace GemmaVk.House.Tests;

/// <summary>
/// Tells comments, literals and code of C# and GLSL apart. Each part keeps its place: what does not belong to it is blank,
/// so that line numbers stay right.
/// </summary>
internal sealed class SourceText
{
    private readonly string _text;
    private readonly StringBuilder _code;
    private readonly StringBuilder _comments;

    private SourceText(string text)
    {
        _text = text;
        _code = Blank(text);
        _comments = Blank(text);
    }

    /// <summary>The source without comments and without the insides of string and character literals.</summary>
    public string Code { get; private set; } = "";

    /// <summary>The comments alone.</summary>
    public string Comments { get; private set; } = "";

    public static SourceText Of(string text)
    {
        SourceText source = new(text);
        source.Split();
        source.Code = source._code.ToString();
        source.Comments = source._comments.ToString();
        return source;
    }

    private void Split()
    {
        int at = 0;
        while (at < _text.Length)
        {
            int end = Starts(at, "//") ? Until(at, "\n")
                : Starts(at, "/*") ? After(at + 2, "*/")
                : 0;
            if (end > 0)
            {
                Keep(_comments, at, end);
                at = end;
            }
            else if (Starts(at, "\"\"\""))
            {
                int quotes = 3;
                while (at + quotes < _text.Length && _text[at + quotes] == '"')
                {
                    quotes++;
                }

                at = After(at + quotes, new string('"', quotes));
            }
            else if (_text[at] == '"' || (_text[at] == '\'' && IsCharacter(at)))
            {
                bool verbatim = at > 0 && (_text[at - 1] == '@' || (at > 1 && _text[at - 1] == '$' && _text[at - 2] == '@'));
                at = EndOfLiteral(at, verbatim);
            }
            else
            {
                Keep(_code, at, at + 1);
                at++;
            }
        }
    }

    private int EndOfLiteral(int start, bool verbatim)
    {
        char quote = _text[start];
        int at = start + 1;
        while (at < _text.Length)
        {
            if (verbatim && Starts(at, "\"\""))
            {
                at += 2;
            }
            else if (!verbatim && _text[at] == '\\')
            {
                at += 2;
            }
            else if (_text[at] == quote || (!verbatim && _text[at] == '\n'))
            {
                return at + 1;
            }
            else
            {
                at++;
            }
        }

        return _text.Length;
    }

    // A digit separator of GLSL or a lone apostrophe in a preprocessor line is no literal.
    private bool IsCharacter(int at) =>
        at + 2 < _text.Length && (_text[at + 1] == '\\' || _text[at + 2] == '\'' || (at + 3 < _text.Length && _text[at + 3] == '\''));

    private bool Starts(int at, string with) => string.CompareOrdinal(_text, at, with, 0, with.Length) == 0;

    private int Until(int from, string end) => _text.IndexOf(end, from, System.StringComparison.Ordinal) is >= 0 and int found ? found : _text.Length;

    private int After(int from, string end) => System.Math.Min(_text.Length, Until(System.Math.Min(from, _text.Length), end) + end.Length);

    private void Keep(StringBuilder part, int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            part[i] = _text[i];
        }
    }

    private static StringBuilder Blank(string text)
    {
        StringBuilder blank = new(text.Length);
        foreach (char c in text)
        {
            blank.Append(c == '\n' ? '\n' : ' ');
        }

        return blank;
    }
}
