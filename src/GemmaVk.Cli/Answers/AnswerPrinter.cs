using System;
using System.Text.Json;
using GemmaVk.Cli.Listings;
using GemmaVk.Cli.Terminals;
using GemmaVk.Text;

namespace GemmaVk.Cli.Answers;

/// <summary>
/// Shows an answer as it comes: thoughts on standard error, dimmed on a screen, and the answer on standard output, so that
/// what is piped on is the answer alone. Calls of tools are a line of JSON each.
/// </summary>
internal sealed class AnswerPrinter(Terminal terminal)
{
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
                terminal.Error.Write(Dimmed.On);
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
            terminal.Out.WriteLine(JsonOutput.Line(json => Write(json, call)));
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
    }

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
