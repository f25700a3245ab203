using System;
using GemmaVk.Cli.Terminals;
using GemmaVk.Text;

namespace GemmaVk.Cli.Answers;

/// <summary>
/// Shows an answer as it comes: thoughts on standard error, dimmed on a screen, and the answer on standard output, so that
/// what is piped on is the answer alone.
/// </summary>
internal sealed class AnswerPrinter(Terminal terminal)
{
    private const string Dim = "\e[2m";
    private const string Plain = "\e[0m";
    private bool _inThought;
    private bool _inAnswer;
    private char _last = '\n';

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
            terminal.Error.Write(delta.Thinking);
            _last = delta.Thinking[^1];
        }

        if (delta.Content.Length > 0)
        {
            EndThought();
            _inAnswer = true;
            terminal.Out.Write(delta.Content);
            _last = delta.Content[^1];
        }

        if (delta.Call is { } call)
        {
            EndThought();
            EndAnswer();
            terminal.Out.WriteLine($"{call.Name}({call.Arguments.GetRawText()})");
        }
    }

    /// <summary>Ends the last line.</summary>
    public void Finish()
    {
        EndThought();
        EndAnswer();
    }

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
