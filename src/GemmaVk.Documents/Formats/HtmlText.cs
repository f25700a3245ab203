using System;
using System.Collections.Generic;
using System.Net;
using System.Text;

namespace GemmaVk.Documents.Formats;

/// <summary>
/// The text of HTML and XHTML, read tag by tag in one pass: no tree, so that no nesting is too deep. Scripts, styles and what is marked hidden say nothing; headings
/// keep their level; cells of a row stand in one line; the content of <c>pre</c> keeps its lines.
/// </summary>
internal sealed class HtmlText(BlockList blocks)
{
    private static readonly HashSet<string> Silent = ["script", "style", "noscript", "template", "svg", "math", "iframe", "object", "head"];

    private static readonly HashSet<string> Breaking =
    [
        "p", "div", "section", "article", "header", "footer", "main", "nav", "aside", "ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "caption", "figure",
        "figcaption", "blockquote", "form", "fieldset", "hr", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "body", "html", "address", "details", "summary", "option",
    ];

    private readonly StringBuilder _text = new();
    private int _level;
    private bool _pre;
    private bool _cells;

    /// <summary>Reads a file, or one part of a book.</summary>
    public void Read(string html)
    {
        int at = 0;
        while (at < html.Length)
        {
            int open = html.IndexOf('<', at);
            if (open < 0 || open + 1 == html.Length)
            {
                Say(html.AsSpan(at));
                break;
            }

            Say(html.AsSpan(at, open - at));
            if (html.AsSpan(open).StartsWith("<!--"))
            {
                int end = html.IndexOf("-->", open + 4, StringComparison.Ordinal);
                at = end < 0 ? html.Length : end + 3;
            }
            else if (html.AsSpan(open).StartsWith("<![CDATA["))
            {
                int end = html.IndexOf("]]>", open + 9, StringComparison.Ordinal);
                Append(html.AsSpan(open + 9, (end < 0 ? html.Length : end) - open - 9).ToString());
                at = end < 0 ? html.Length : end + 3;
            }
            else if (char.IsAsciiLetter(html[open + 1]) || html[open + 1] is '/' or '!' or '?')
            {
                at = Tag(html, open);
            }
            else
            {
                _text.Append('<');
                at = open + 1;
            }
        }

        End();
    }

    private int Tag(string html, int open)
    {
        int start = html[open + 1] == '/' ? open + 2 : open + 1;
        int nameEnd = start;
        while (nameEnd < html.Length && (char.IsAsciiLetterOrDigit(html[nameEnd]) || html[nameEnd] is ':' or '-'))
        {
            nameEnd++;
        }

        string name = html[start..nameEnd].ToLowerInvariant();
        name = name[(name.IndexOf(':', StringComparison.Ordinal) + 1)..];
        int end = TagEnd(html, nameEnd);
        bool closing = start == open + 2;
        bool alone = end >= 2 && html[end - 2] == '/';
        if (Silent.Contains(name))
        {
            return closing || alone ? end : Skip(html, name, end);
        }

        if (name == "br")
        {
            _text.Append(_pre ? '\n' : ' ');
        }
        else if (name is "td" or "th")
        {
            if (!closing)
            {
                _text.Append(_cells ? " | " : "");
                _cells = true;
            }
        }
        else if (Breaking.Contains(name))
        {
            End();
            _level = !closing && name is ['h', >= '1' and <= '6'] ? name[1] - '0' : 0;
            _pre = name == "pre" && !closing;
            _cells = _cells && name != "tr" && name != "table";
        }

        return end;
    }

    // A quoted value may hold the bracket that would end the tag; one that never ends holds the rest.
    private static int TagEnd(string html, int at)
    {
        while (at < html.Length)
        {
            int found = html.AsSpan(at).IndexOfAny('>', '"', '\'');
            if (found < 0)
            {
                return html.Length;
            }

            at += found;
            if (html[at] == '>')
            {
                return at + 1;
            }

            int close = html.IndexOf(html[at], at + 1);
            if (close < 0)
            {
                int bracket = html.IndexOf('>', at);
                return bracket < 0 ? html.Length : bracket + 1;
            }

            at = close + 1;
        }

        return html.Length;
    }

    private static int Skip(string html, string name, int from)
    {
        int close = html.IndexOf("</" + name, from, StringComparison.OrdinalIgnoreCase);
        if (close < 0)
        {
            // A head that is not closed ends where the body begins.
            int body = name == "head" ? html.IndexOf("<body", from, StringComparison.OrdinalIgnoreCase) : -1;
            return body < 0 ? html.Length : body;
        }

        int end = html.IndexOf('>', close);
        return end < 0 ? html.Length : end + 1;
    }

    private void Say(ReadOnlySpan<char> text)
    {
        if (text.Length > 0)
        {
            Append(text.Contains('&') ? WebUtility.HtmlDecode(text.ToString()) : text.ToString());
        }
    }

    private void Append(string text) => _text.Append(text);

    private void End()
    {
        if (_pre)
        {
            blocks.Add(_text.ToString());
            _text.Clear();
        }
        else
        {
            blocks.AddRunning(_text, _level);
        }
    }
}
