using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using Spectre.Console.Rendering;

namespace GemmaVk.Cli.Terminals;

/// <summary>
/// One line from a keyboard, with Tab to complete it, the arrow keys to move in it, and earlier lines above. A line that is
/// wider than the screen slides under its prompt; line breaks of pasted text stay in it and show as arrows.
/// </summary>
/// <param name="keys">The next key, unechoed.</param>
/// <param name="screen">Where the line is shown.</param>
/// <param name="width">Columns of the screen at this moment.</param>
/// <param name="complete">What Tab makes of a line: the line, and the choices where there are several.</param>
/// <param name="waits">Whether a key waits already: then nothing is drawn before it.</param>
internal sealed class LineEditor(
    Func<ConsoleKeyInfo> keys,
    TextWriter screen,
    Func<int> width,
    Func<string, (string Line, IReadOnlyList<string> Choices)> complete,
    Func<bool>? waits = null)
{
    /// <summary>Ends the mode in which the terminal marks pasted text.</summary>
    public const string EndPasteMarks = "\e[?2004l";

    private const string BeginPasteMarks = "\e[?2004h";
    private const string PasteBegins = "200~";
    private const string PasteEnds = "201~";
    private const char BreakArrow = '\u21B5';
    private readonly List<string> _earlier = [];
    private readonly StringBuilder _line = new();
    private int _at;
    private int _shownEarlier;
    private string _unsent = "";
    private ConsoleKeyInfo? _next;
    private int _columns;
    private int _cursor;

    /// <summary>Reads a line.</summary>
    /// <param name="prompt">What stands before it.</param>
    /// <returns>The line, or null where the user ended the input with Ctrl-D (Ctrl-Z on Windows).</returns>
    public string? Read(string prompt)
    {
        _line.Clear();
        _at = 0;
        _shownEarlier = _earlier.Count;
        _cursor = 0;
        screen.Write(BeginPasteMarks);
        try
        {
            while (true)
            {
                if (waits?.Invoke() != true)
                {
                    Draw(prompt);
                }

                ConsoleKeyInfo key = Key();
                if (key.Key == ConsoleKey.Enter || key.KeyChar is '\r' or '\n')
                {
                    return Done(prompt);
                }

                if (_line.Length == 0 && EndsInput(key))
                {
                    screen.WriteLine();
                    return null;
                }

                if (BeginsSequence(key, waits?.Invoke() == true))
                {
                    Sequence();
                }
                else if (key.Key == ConsoleKey.Tab)
                {
                    Complete();
                }
                else
                {
                    Press(key);
                }
            }
        }
        finally
        {
            screen.Write(EndPasteMarks);
        }
    }

    private static bool EndsInput(ConsoleKeyInfo key) =>
        key.KeyChar is '\x04' or '\x1A' || (key.Key is ConsoleKey.D or ConsoleKey.Z && key.Modifiers == ConsoleModifiers.Control);

    private string Done(string prompt)
    {
        _at = _line.Length;
        Draw(prompt);
        screen.WriteLine();
        string line = _line.ToString();
        if (line.Length > 0 && (_earlier.Count == 0 || _earlier[^1] != line))
        {
            _earlier.Add(line);
        }

        return line;
    }

    private void Press(ConsoleKeyInfo key)
    {
        switch (key.Key)
        {
            case ConsoleKey.LeftArrow:
                _at = Before(_at);
                break;
            case ConsoleKey.RightArrow:
                _at = After(_at);
                break;
            case ConsoleKey.Home:
                _at = 0;
                break;
            case ConsoleKey.End:
                _at = _line.Length;
                break;
            case ConsoleKey.Backspace:
                Remove(Before(_at), _at);
                break;
            case ConsoleKey.Delete:
                Remove(_at, After(_at));
                break;
            case ConsoleKey.UpArrow:
                Earlier(-1);
                break;
            case ConsoleKey.DownArrow:
                Earlier(1);
                break;
            case ConsoleKey.Escape:
                Replace("");
                break;
            default:
                Type(key);
                break;
        }
    }

    private void Type(ConsoleKeyInfo key)
    {
        switch (key.KeyChar)
        {
            // Letters with Ctrl, as shells have them.
            case '\x01':
                _at = 0;
                break;
            case '\x05':
                _at = _line.Length;
                break;
            case '\x04':
                Remove(_at, After(_at));
                break;
            case '\x0B':
                Remove(_at, _line.Length);
                break;
            case '\x15':
                Remove(0, _at);
                break;
            case '\x17':
                Remove(WordBefore(_at), _at);
                break;
            case not '\0' when !char.IsControl(key.KeyChar):
                _line.Insert(_at++, key.KeyChar);
                break;
        }
    }

    private ConsoleKeyInfo Key()
    {
        ConsoleKeyInfo key = _next ?? keys();
        _next = null;
        return key;
    }

    /// <summary>Whether a sequence comes that the console has no key for: it gives Escape, or Alt, and a bracket, then the rest letter by letter.</summary>
    private bool BeginsSequence(ConsoleKeyInfo key, bool more)
    {
        if (key is { KeyChar: '[', Modifiers: ConsoleModifiers.Alt })
        {
            return true;
        }

        if (key.Key != ConsoleKey.Escape || !more)
        {
            return false;
        }

        ConsoleKeyInfo next = Key();
        if (next.KeyChar == '[')
        {
            return true;
        }

        _next = next;
        return false;
    }

    /// <summary>A sequence of the terminal that the console does not know: the beginning of pasted text, or nothing for us.</summary>
    private void Sequence()
    {
        StringBuilder sequence = new();
        do
        {
            sequence.Append(Key().KeyChar);
        }
        while (sequence[^1] is >= ' ' and < '@');

        if (sequence.ToString() == PasteBegins)
        {
            Paste();
        }
    }

    /// <summary>Pasted text up to its end mark: line breaks are part of it and send nothing.</summary>
    private void Paste()
    {
        StringBuilder text = new();
        while (true)
        {
            ConsoleKeyInfo key = Key();
            if (BeginsSequence(key, more: true))
            {
                StringBuilder mark = new();
                while (mark.Length < PasteEnds.Length)
                {
                    mark.Append(Key().KeyChar);
                }

                if (mark.ToString() == PasteEnds)
                {
                    break;
                }
            }
            else if (key.Key == ConsoleKey.Enter || key.KeyChar is '\r' or '\n')
            {
                text.Append('\n');
            }
            else if (key.KeyChar == '\t' || (key.KeyChar != '\0' && !char.IsControl(key.KeyChar)))
            {
                text.Append(key.KeyChar == '\t' ? ' ' : key.KeyChar);
            }
        }

        // A line that was copied whole ends in a break: it is not part of what is said.
        string pasted = text.ToString().TrimEnd('\n');
        _line.Insert(_at, pasted);
        _at += pasted.Length;
    }

    private void Complete()
    {
        // What stands behind the cursor stays there.
        string typed = _line.ToString(0, _at);
        (string line, IReadOnlyList<string> choices) = complete(typed);
        _line.Remove(0, _at).Insert(0, line);
        _at = line.Length;
        if (line == typed && choices.Count > 1)
        {
            screen.WriteLine();
            screen.WriteLine(string.Join("  ", choices));
        }
    }

    private void Earlier(int step)
    {
        int wanted = Math.Clamp(_shownEarlier + step, 0, _earlier.Count);
        if (wanted == _shownEarlier)
        {
            return;
        }

        _unsent = _shownEarlier == _earlier.Count ? _line.ToString() : _unsent;
        _shownEarlier = wanted;
        Replace(wanted < _earlier.Count ? _earlier[wanted] : _unsent);
    }

    private void Replace(string line)
    {
        _line.Clear().Append(line);
        _at = line.Length;
    }

    private void Remove(int from, int to)
    {
        _line.Remove(from, to - from);
        _at = from;
    }

    // What a reader takes for one character may be several: an accent, a flag, a family.
    private int Before(int at)
    {
        int start = 0;
        for (int next = 0; next < at; next = After(next))
        {
            start = next;
        }

        return start;
    }

    private int After(int at) => at >= _line.Length ? at : at + StringInfo.GetNextTextElementLength(_line.ToString(at, _line.Length - at));

    private int WordBefore(int at)
    {
        while (at > 0 && char.IsWhiteSpace(_line[at - 1]))
        {
            at--;
        }

        while (at > 0 && !char.IsWhiteSpace(_line[at - 1]))
        {
            at--;
        }

        return at;
    }

    private void Draw(string prompt)
    {
        if (_at > 0 && char.IsHighSurrogate(_line[_at - 1]))
        {
            // The other half of the character is the next key.
            return;
        }

        int columns = Math.Max(1, width());
        // A terminal that became narrower has broken the line into several rows.
        int down = columns < _columns ? _cursor / columns : 0;
        // The last column stays free: terminals disagree about what a character there does.
        int room = Math.Max(8, columns - Cells(prompt) - 1);
        int from = 0;
        while (from < _at && Cells(_line.ToString(from, _at - from)) > room - 1)
        {
            from = After(from);
        }

        int to = _at;
        while (to < _line.Length && Cells(_line.ToString(from, After(to) - from)) <= room)
        {
            to = After(to);
        }

        (_columns, _cursor) = (columns, Cells(prompt) + Cells(_line.ToString(from, _at - from)));
        string shown = _line.ToString(from, to - from).Replace('\n', BreakArrow);
        screen.Write(string.Create(
            CultureInfo.InvariantCulture, $"{(down > 0 ? $"\e[{down}A" : "")}\r\e[32m{prompt}\e[0m{shown}\e[J\r{(_cursor > 0 ? $"\e[{_cursor}C" : "")}"));
    }

    private static int Cells(string text) => new Segment(text.Replace('\n', BreakArrow)).CellCount();
}
