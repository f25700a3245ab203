using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using GemmaVk.Cli.Terminals;
using GemmaVk.Documents.Answers;
using GemmaVk.Structured;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Cli.Reading;

/// <summary>Lets a model search its documents while it answers. Only that tool is run here: calls of others go to whoever offered them.</summary>
internal static class SearchRounds
{
    /// <summary>The options with the tool beside those there are, its arguments held to its schema.</summary>
    public static AskOptions Offer(AskOptions options, SearchTool? tool)
    {
        if (tool is null)
        {
            return options;
        }

        ToolDeclaration[] tools = [.. options.Tools, SearchTool.Declaration];
        return options with { Tools = tools, Shape = options.Shape is { HasBody: true } body ? body.WithTools(tools, ToolUse.Auto) : AnswerShape.OfTools(tools, ToolUse.Auto) };
    }

    /// <summary>Answers the searches of an answer until it makes none, or has made enough.</summary>
    public static Answer Complete(
        GemmaSession session, Answer answer, SearchTool? tool, AskOptions options, Action<ResponseDelta> onDelta, Terminal terminal, CancellationToken cancel)
    {
        for (int round = 0; tool is not null && session.OpenCalls is { Count: > 0 } calls && calls.All(call => call.Name == SearchTool.Name); round++)
        {
            if (round == SearchTool.MostRounds)
            {
                terminal.Error.WriteLine(FormattableString.Invariant($"(the model searched {round} times and goes on: its last search is not made)"));
                return answer;
            }

            List<JsonElement> results = [];
            foreach (ToolCall call in calls)
            {
                terminal.Error.WriteLine(VisibleText.Sentence($"(searches the documents: {call.Arguments.GetRawText()})"));
                results.Add(tool.Run(call, cancel));
            }

            Answer next = session.Reply(results, options, onDelta, cancel);
            answer = next with { Text = answer.Text + next.Text, Thinking = answer.Thinking + next.Thinking, Ids = [.. answer.Ids, .. next.Ids] };
        }

        return answer;
    }
}
