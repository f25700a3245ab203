using System;
using GemmaVk.Cli.Terminals;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Cli.Answers;

/// <summary>
/// Shows an answer as it comes: thoughts on standard error, dimmed on a screen, and the answer on standard output, so that
/// what is piped on is the answer alone, byte for byte. On a screen its control characters are shown and steer nothing.
/// </summary>
internal sealed class AnswerPrinter(Terminal terminal)
{
    private const string Dim = "\e[2m";
    private const string Plain = "\e[0m";
    private bool _inThought;
    private bool _inAnswer;
    private char _last = '\n';
    private int _unread;

    /// <summary>Shows what one more token added.</summary>
    public void Show(ResponseDelta delta)
    {
        if (delta.Thinking.Length > 0)
        {
            if (!_inThought && terminal.ErrorIsScreen)
            {
                terminal.Error.Write(Dim);
            }

            _inThought = true;
            terminal.Error.Write(terminal.ErrorIsScreen ? VisibleText.Lines(delta.Thinking) : delta.Thinking);
            _last = delta.Thinking[^1];
        }

        if (delta.Content.Length > 0)
        {
            EndThought();
            _inAnswer = true;
            terminal.Out.Write(OfModel(delta.Content));
            _last = delta.Content[^1];
        }

        if (delta.Call is { } call)
        {
            EndThought();
            EndAnswer();
            terminal.Out.WriteLine(OfModel($"{call.Name}({call.Arguments.GetRawText()})"));
        }

        if (delta.Unread is { } unread)
        {
            EndThought();
            EndAnswer();
            terminal.Out.WriteLine(OfModel(unread));
            _unread++;
        }
    }

    /// <summary>Ends the last line.</summary>
    public void Finish()
    {
        EndThought();
        EndAnswer();
        if (_unread > 0)
        {
            terminal.Error.WriteLine(UnreadLine(_unread));
            _unread = 0;
        }
    }

    /// <summary>What is said of calls that cannot be read.</summary>
    public static string UnreadLine(int calls) => calls == 1
        ? "A tool call could not be read and was not made: its text is in the answer."
        : $"{calls} tool calls could not be read and were not made: their text is in the answer.";

    /// <summary>Text of the model as standard output takes it.</summary>
    private string OfModel(string text) => terminal.OutIsScreen ? VisibleText.Lines(text) : text;

    private void EndThought()
    {
        if (_inThought)
        {
            terminal.Error.Write((terminal.ErrorIsScreen ? Plain : "") + (_last == '\n' ? "" : Environment.NewLine));
            _inThought = false;
            _last = '\n';
        }
    }

    private void EndAnswer()
    {
        if (_inAnswer && _last != '\n')
        {
            terminal.Out.WriteLine();
        }

        _inAnswer = false;
        _last = '\n';
    }
}
