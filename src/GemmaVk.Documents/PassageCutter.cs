using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace GemmaVk.Documents;

/// <summary>
/// Cuts a document into passages: paragraphs gathered up to <see cref="Letters"/> characters, never across a page or a heading, so that each has one page and one
/// place among the headings. A paragraph that is longer is cut behind a sentence, a line or a word. Sizes are counted in characters, so that an index serves every model.
/// </summary>
public static class PassageCutter
{
    /// <summary>About as many characters a passage has at most: some 250 to 350 tokens of English.</summary>
    public const int Letters = 1200;

    private const int LongestHeading = 120;

    /// <summary>The passages in reading order.</summary>
    /// <param name="document">What was read.</param>
    /// <param name="file">What they are cited as; null for the document's name.</param>
    public static IReadOnlyList<Passage> Cut(Document document, string? file = null)
    {
        ArgumentNullException.ThrowIfNull(document);
        List<Passage> passages = [];
        string?[] headings = new string?[7];
        StringBuilder text = new();
        int page = 0;
        bool onlyHeadings = true;
        void End()
        {
            if (text.Length > 0)
            {
                string heading = string.Join(" > ", headings.Where(each => each is not null));
                passages.Add(new Passage(file ?? document.Name, page > 0 ? page : null, heading, text.ToString()));
                text.Clear();
            }

            onlyHeadings = true;
        }

        foreach (DocumentBlock block in document.Blocks)
        {
            if (block.Page != page || (block.Level > 0 && !onlyHeadings))
            {
                End();
                page = block.Page;
            }

            if (block.Level > 0)
            {
                int level = Math.Min(block.Level, 6);
                headings[level] = block.Text.Length <= LongestHeading ? block.Text : block.Text[..Boundary(block.Text, LongestHeading)] + "...";
                Array.Clear(headings, level + 1, 6 - level);
            }

            foreach (string piece in Pieces(block.Text).Where(each => each.Length > 0))
            {
                // With the line break between them.
                if (text.Length > 0 && text.Length + 1 + piece.Length > Letters)
                {
                    End();
                }

                text.Append(text.Length > 0 ? "\n" : "").Append(piece);
                onlyHeadings &= block.Level > 0;
            }
        }

        End();
        return passages;
    }

    private static IEnumerable<string> Pieces(string text)
    {
        int at = 0;
        while (text.Length - at > Letters)
        {
            int end = at + Cut(text.AsSpan(at, Letters));
            yield return text[at..end].Trim();
            at = end;
        }

        if (text.AsSpan(at).Trim().Length > 0)
        {
            yield return text[at..].Trim();
        }
    }

    // Behind the last sentence, else the last line, else the last word of the second half; else in the midst of a word.
    private static int Cut(ReadOnlySpan<char> text)
    {
        int half = text.Length / 2;
        for (int i = text.Length - 2; i >= half; i--)
        {
            if (text[i] is '。' or '！' or '？' || (text[i] is '.' or '!' or '?' && char.IsWhiteSpace(text[i + 1])))
            {
                return i + 1;
            }
        }

        int line = text.LastIndexOf('\n');
        int word = text.LastIndexOfAny(' ', '\t');
        return line >= half ? line + 1 : word >= half ? word + 1 : Boundary(text, text.Length);
    }

    private static int Boundary(ReadOnlySpan<char> text, int at) => char.IsHighSurrogate(text[at - 1]) ? at - 1 : at;
}
