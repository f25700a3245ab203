using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace GemmaVk.Documents.Formats;

/// <summary>
/// Rows of values (RFC 4180, and with semicolons or tabs). Each row is a line that names its columns, "city: Oslo; people: 700000", so that a passage of some rows says
/// by itself what its numbers are.
/// </summary>
internal static class CsvText
{
    private const int MostColumns = 4096;

    /// <summary>The blocks of a table: a row each.</summary>
    public static void Read(string text, BlockList blocks)
    {
        char mark = Separator(text);
        List<string>? names = null;
        foreach (List<string> row in Rows(text, mark))
        {
            if (row.All(string.IsNullOrWhiteSpace))
            {
                continue;
            }

            if (names is null)
            {
                names = row;
                blocks.Add("Columns: " + string.Join(", ", row.Select(name => name.Trim())));
                continue;
            }

            StringBuilder line = new();
            for (int i = 0; i < row.Count; i++)
            {
                string value = row[i].ReplaceLineEndings(" ").Trim();
                if (value.Length > 0)
                {
                    line.Append(line.Length > 0 ? "; " : "").Append(i < names.Count && names[i].Trim().Length > 0 ? names[i].Trim() + ": " : "").Append(value);
                }
            }

            blocks.Add(line.ToString());
        }
    }

    private static char Separator(string text)
    {
        ReadOnlySpan<char> line = text.AsSpan(0, Math.Min(text.Length, 10_000));
        int end = line.IndexOfAny('\n', '\r');
        line = end < 0 ? line : line[..end];
        (char mark, int most) = (',', 0);
        foreach (char candidate in (ReadOnlySpan<char>)[',', ';', '\t', '|'])
        {
            int count = line.Count(candidate);
            (mark, most) = count > most ? (candidate, count) : (mark, most);
        }

        return mark;
    }

    private static IEnumerable<List<string>> Rows(string text, char mark)
    {
        List<string> row = [];
        StringBuilder value = new();
        bool quoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            char letter = text[i];
            if (quoted)
            {
                if (letter == '"' && i + 1 < text.Length && text[i + 1] == '"')
                {
                    value.Append('"');
                    i++;
                }
                else if (letter == '"')
                {
                    quoted = false;
                }
                else
                {
                    value.Append(letter);
                }
            }
            else if (letter == '"' && value.Length == 0)
            {
                quoted = true;
            }
            else if (letter == mark && row.Count < MostColumns)
            {
                row.Add(value.ToString());
                value.Clear();
            }
            else if (letter is '\n' or '\r')
            {
                row.Add(value.ToString());
                value.Clear();
                yield return row;
                row = [];
            }
            else
            {
                value.Append(letter);
            }
        }

        row.Add(value.ToString());
        yield return row;
    }
}
