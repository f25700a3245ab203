using System;
using System.Text.Json;
using GemmaVk.Cli.Listings;
using GemmaVk.Cli.Terminals;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Cli.Answers;

/// <summary>
/// Shows an answer as it comes: thoughts on standard error, dimmed on a screen, and the answer on standard output, so that
/// what is piped on is the answer alone, byte for byte. Calls of tools are a line of JSON each. On a screen control characters of
/// the model are shown and steer nothing.
/// </summary>
internal sealed class AnswerPrinter(Terminal terminal)
{
    private bool _inThought;
    private bool _inAnswer;
    private char _last = '\n';
    private int _unread;

    /// <summary>Calls that are no part of the answer: they are run, and shown with what came of them.</summary>
    public Func<ToolCall, bool> Hides { get; init; } = _ => false;

    /// <summary>Shows what one more token added.</summary>
    public void Show(ResponseDelta delta)
    {
        if (delta.Thinking.Length > 0)
        {
            if (!_inThought && terminal.ErrorIsScreen)
            {
                terminal.Error.Write(Dimmed.On);
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
            if (!Hides(call))
            {
                terminal.Out.WriteLine(OfModel(JsonOutput.Line(json => Write(json, call))));
            }
        }

        if (delta.Unread is { } unread)
        {
            EndThought();
            EndAnswer();
            terminal.Out.WriteLine(OfModel(unread));
            _unread++;
        }
    }

    /// <summary>A call as an object with name and arguments.</summary>
    public static void Write(Utf8JsonWriter json, ToolCall call)
    {
        json.WriteStartObject();
        json.WriteString("name", call.Name);
        json.WritePropertyName("arguments");
        call.Arguments.WriteTo(json);
        json.WriteEndObject();
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
            terminal.Error.Write((terminal.ErrorIsScreen ? Dimmed.Off : "") + (_last == '\n' ? "" : Environment.NewLine));
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
