using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using GemmaVk.Cli.Terminals;
using GemmaVk.Documents.Answers;
using GemmaVk.Mcp.Calls;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Structured;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Cli.Calling;

/// <summary>An answer with the calls that it makes: they are run, and it goes on from their results.</summary>
/// <param name="desk">The tools.</param>
/// <param name="terminal">Where it is said what ended it.</param>
internal sealed class CallRounds(ToolDesk desk, Terminal terminal)
{
    private readonly List<(ToolCall Call, ToolOutput Output)> _made = [];

    /// <summary>The calls that were made, and what came of them.</summary>
    public IReadOnlyList<(ToolCall Call, ToolOutput Output)> Made => _made;

    /// <summary>Goes on until an answer makes no calls, or one that the program does not run.</summary>
    /// <returns>All rounds as one answer; its calls are those that were not run.</returns>
    /// <param name="session">The conversation.</param>
    /// <param name="answer">What was answered so far.</param>
    /// <param name="options">How to answer.</param>
    /// <param name="show">Shows what comes.</param>
    /// <param name="search">Searches documents, where there are some.</param>
    /// <param name="cancel">Ends it.</param>
    public Answer Follow(GemmaSession session, Answer answer, AskOptions options, Action<ResponseDelta> show, SearchTool? search, CancellationToken cancel)
    {
        ToolRounds rounds = desk.Question();
        while (session.OpenCalls.Count > 0 && session.OpenCalls.All(call => rounds.Owns(call) || IsSearch(call)))
        {
            string? ends = rounds.Begin();
            List<ToolOutput> results = [];
            foreach (ToolCall call in session.OpenCalls.TakeWhile(_ => ends is null))
            {
                (ToolOutput output, ends) = IsSearch(call) ? (new ToolOutput(search!.Run(call, cancel)), null) : ToolDesk.Run(rounds, call, cancel);
                results.Add(output);
                _made.Add((call, output));
            }

            if (ends is not null)
            {
                terminal.Error.WriteLine(VisibleText.Line(ends));
                return answer with { Stop = StopReason.Length };
            }

            answer = answer.Then(session.Reply(results, options, show, cancel));
        }

        return answer;

        bool IsSearch(ToolCall call) => search is not null && call.Name == SearchTool.Name;
    }

    /// <summary>The options with the tools, beside those of a file.</summary>
    /// <exception cref="GemmaVkException">A tool of the file has the name of one of these.</exception>
    public static AskOptions Offer(AskOptions options, ToolDesk desk)
    {
        ToolDeclaration[] all = [.. options.Tools, .. desk.Declarations];
        if (options.Tools.FirstOrDefault(tool => desk.Declarations.Any(each => each.Name == tool.Name)) is { } taken)
        {
            throw new GemmaVkException($"--tools: expected names that no tool of --mcp and --tool has, but {taken.Name} is one of them; rename it.");
        }

        return options.Shape is { HasBody: true } body ? options with { Tools = all, Shape = body.WithTools(all, ToolUse.Auto) } : options with { Tools = all, Shape = AnswerShape.OfTools(all, ToolUse.Auto) };
    }

    /// <summary>Writes the calls that were made, each with its result.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartArray("calls");
        foreach ((ToolCall call, ToolOutput output) in _made)
        {
            json.WriteStartObject();
            json.WriteString("name", call.Name);
            json.WritePropertyName("arguments");
            call.Arguments.WriteTo(json);
            json.WritePropertyName("result");
            output.Value.WriteTo(json);
            json.WriteNumber("media", output.Media.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
