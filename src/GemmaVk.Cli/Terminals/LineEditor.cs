using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using Spectre.Console.Rendering;

namespace GemmaVk.Cli.Terminals;

/// <summary>
/// One line from a keyboard, with Tab to complete it, the arrow keys to move in it, and earlier lines above. A line that is
/// wider than the screen slides under its prompt.
/// </summary>
/// <param name="keys">The next key, unechoed.</param>
/// <param name="screen">Where the line is shown.</param>
/// <param name="width">Columns of the screen at this moment.</param>
/// <param name="complete">What Tab makes of a line: the line, and the choices where there are several.</param>
internal sealed class LineEditor(
    Func<ConsoleKeyInfo> keys, TextWriter screen, Func<int> width, Func<string, (string Line, IReadOnlyList<string> Choices)> complete)
{
    private readonly List<string> _earlier = [];
    private readonly StringBuilder _line = new();
    private int _at;
    private int _shownEarlier;

    /// <summary>Reads a line.</summary>
    /// <param name="prompt">What stands before it.</param>
    /// <returns>The line, or null where the user ended the input with Ctrl-D (Ctrl-Z on Windows).</returns>
    public string? Read(string prompt)
    {
        _line.Clear();
        _at = 0;
        _shownEarlier = _earlier.Count;
        while (true)
        {
            Draw(prompt);
            ConsoleKeyInfo key = keys();
            if (key.Key == ConsoleKey.Enter || key.KeyChar is '\r' or '\n')
            {
                return Done();
            }

            if (key.KeyChar is '\x04' or '\x1A' || (key.Key is ConsoleKey.D or ConsoleKey.Z && key.Modifiers == ConsoleModifiers.Control))
            {
                if (_line.Length == 0)
                {
                    screen.WriteLine();
                    return null;
                }

                continue;
            }

            if (key.Key == ConsoleKey.Tab)
            {
                Complete();
            }
            else
            {
                Press(key);
            }
        }
    }

    private string Done()
    {
        _at = _line.Length;
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
                int left = Before(_at);
                _line.Remove(left, _at - left);
                _at = left;
                break;
            case ConsoleKey.Delete:
                _line.Remove(_at, After(_at) - _at);
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
                if (key.KeyChar != '\0' && !char.IsControl(key.KeyChar))
                {
                    _line.Insert(_at++, key.KeyChar);
                }

                break;
        }
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
        if (wanted != _shownEarlier)
        {
            _shownEarlier = wanted;
            Replace(wanted < _earlier.Count ? _earlier[wanted] : "");
        }
    }

    private void Replace(string line)
    {
        _line.Clear().Append(line);
        _at = line.Length;
    }

    private int Before(int at) => at == 0 ? 0 : at - 1 > 0 && char.IsLowSurrogate(_line[at - 1]) && char.IsHighSurrogate(_line[at - 2]) ? at - 2 : at - 1;

    private int After(int at) => at >= _line.Length ? at : at + 1 < _line.Length && char.IsHighSurrogate(_line[at]) && char.IsLowSurrogate(_line[at + 1]) ? at + 2 : at + 1;

    private void Draw(string prompt)
    {
        // The last column stays free: terminals disagree about what a character there does.
        int room = Math.Max(8, width() - Cells(prompt) - 1);
        int from = 0;
        while (Cells(_line.ToString(from, _at - from)) > room - 1)
        {
            from = After(from);
        }

        int to = _at;
        while (to < _line.Length && Cells(_line.ToString(from, After(to) - from)) <= room)
        {
            to = After(to);
        }

        int cursor = Cells(prompt) + Cells(_line.ToString(from, _at - from));
        screen.Write(string.Create(
            CultureInfo.InvariantCulture, $"\r\e[32m{prompt}\e[0m{_line.ToString(from, to - from)}\e[K\r{(cursor > 0 ? $"\e[{cursor}C" : "")}"));
    }

    private static int Cells(string text) => new Segment(text).CellCount();
}
