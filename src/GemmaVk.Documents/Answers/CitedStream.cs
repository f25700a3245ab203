using System;
using System.Text;

namespace GemmaVk.Documents.Answers;

/// <summary>An answer as it comes, with each sentence's mark behind it. A sentence is given when its end is known; a mark that the model wrote itself is not written twice.</summary>
/// <param name="attribution">Knows the sources that there are by then.</param>
public sealed class CitedStream(Func<Attribution> attribution)
{
    private readonly StringBuilder _waiting = new();

    /// <summary>Takes what one more token added.</summary>
    /// <returns>What can be shown now.</returns>
    public string Append(string text)
    {
        _waiting.Append(text);
        return Given(whole: false);
    }

    /// <summary>The rest.</summary>
    public string Finish() => Given(whole: true);

    private string Given(bool whole)
    {
        StringBuilder given = new();
        string text = _waiting.ToString();
        int from = 0;
        for (int end; from < text.Length && (end = Sentences.End(text, from, whole)) > 0; from = end)
        {
            // A mark that the model writes belongs to the sentence before it.
            int mark = OwnMark(text, end, whole);
            if (mark < 0)
            {
                break;
            }

            string sentence = text[from..end];
            int words = sentence.Length - sentence.AsSpan().TrimStart().Length;
            CitedSentence cited = attribution().Of(sentence[words..]);
            bool hasWords = HasWords(cited.Text);
            given.Append(sentence.TrimEnd()).Append(hasWords && !sentence.Contains(cited.Mark, StringComparison.Ordinal) ? " " + cited.Mark : "");
            given.Append(sentence[sentence.TrimEnd().Length..]);
            end = mark > end && text[end..mark].Trim() == cited.Mark ? mark : end;
        }

        if (whole)
        {
            given.Append(text.AsSpan(from));
            from = text.Length;
        }

        _waiting.Clear().Append(text.AsSpan(from));
        return given.ToString();
    }

    private static bool HasWords(string text)
    {
        foreach (char letter in text)
        {
            if (char.IsLetterOrDigit(letter))
            {
                return true;
            }
        }

        return false;
    }

    // The end of a mark in brackets that follows at once; the place itself without one; -1 where more must come first.
    private static int OwnMark(string text, int at, bool whole)
    {
        int open = at;
        while (open < text.Length && text[open] == ' ')
        {
            open++;
        }

        if (open == text.Length)
        {
            return whole ? at : -1;
        }

        int close = text[open] == '[' ? text.IndexOf(']', open) : -1;
        return text[open] != '[' ? at : close >= 0 ? close + 1 : whole || text.Length - open > 200 ? at : -1;
    }
}
