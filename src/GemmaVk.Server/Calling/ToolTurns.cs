using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Mcp.Calls;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Chat;
using GemmaVk.Server.Http;
using GemmaVk.Text;

namespace GemmaVk.Server.Calling;

/// <summary>The rounds of a request whose calls the server runs: its answers are given as one, and the calls are no part of it.</summary>
/// <param name="tools">The tools.</param>
/// <param name="loader">Reads pictures and sounds of results.</param>
/// <param name="conversation">What was said; gets the calls and their results.</param>
/// <param name="write">The conversation as a question.</param>
internal sealed class ToolTurns(ServedTools tools, MediaLoader loader, Conversation conversation, Func<Asked> write)
{
    private readonly ToolRounds _rounds = new(tools.Box, tools.Permissions, loader);
    private int _calls;

    /// <summary>The tools of a request with those of the server.</summary>
    /// <exception cref="ApiException">There are none here, or one has the name of another.</exception>
    public static ToolWish Over(ToolWish wish, ServedTools? tools)
    {
        if (tools is null)
        {
            throw ApiException.Field("run_tools", "run_tools: expected a server that was started with --mcp or --tool, but this one runs no tools; leave it out.");
        }

        List<ToolDeclaration> all = [.. wish.Declared];
        foreach (ToolDeclaration tool in tools.Box.Declarations)
        {
            ToolReader.Add(all, tool, "tools");
        }

        return wish with { Declared = all };
    }

    /// <summary>What happens in all rounds.</summary>
    /// <param name="first">Answers the question; ended here.</param>
    /// <param name="begin">Takes a place in the queue for the next round.</param>
    /// <param name="cancel">Ends calls.</param>
    public async IAsyncEnumerable<AnswerEvent> Events(Answerer first, Func<Asked, Answerer> begin, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        Answerer answerer = first;
        Answer? before = null;
        try
        {
            while (true)
            {
                AnswerEvent last = default;
                await foreach (AnswerEvent each in answerer.Events(cancel).ConfigureAwait(false))
                {
                    last = each.Done is null ? last : each;
                    if (each.Done is null)
                    {
                        yield return each.Delta.Call is { } call && _rounds.Owns(call) ? each with { Delta = each.Delta with { Call = null } } : each;
                    }
                }

                Answer answer = last.Done!;
                before = before is null ? answer : before.Then(answer);
                (Asked? next, bool ended) = await Next(answer, cancel).ConfigureAwait(false);
                if (next is null)
                {
                    // Calls that were to be run and were not leave the answer unfinished.
                    yield return last with { Done = ended ? before with { ToolCalls = [], Stop = StopReason.Length } : before };
                    yield break;
                }

                // Its place is given up before another is taken: with one place there would be none.
                answerer.Dispose();
                answerer = begin(next);
            }
        }
        finally
        {
            answerer.Dispose();
        }
    }

    /// <summary>The question of the next round: null where the answer makes no calls that are run here, or must end.</summary>
    private async Task<(Asked? Next, bool Ended)> Next(Answer answer, CancellationToken cancel)
    {
        if (answer.ToolCalls.Count == 0 || answer.Stop != StopReason.Stop || !answer.ToolCalls.All(_rounds.Owns))
        {
            return (null, false);
        }

        if (_rounds.Begin() is not null)
        {
            return (null, true);
        }

        const string Here = "the server's tools";
        ToolCall[] calls = [.. answer.ToolCalls.Select(call => call with { Id = FormattableString.Invariant($"run_{_calls++}") })];
        conversation.Say("assistant", [MessagePart.Words(answer.Text)], calls, answer.Thinking, Here);
        foreach (ToolCall call in calls)
        {
            (ToolOutput output, string? ends) = await _rounds.RunAsync(call, cancel).ConfigureAwait(false);
            if (ends is not null)
            {
                return (null, true);
            }

            string words = output.Value.ValueKind == JsonValueKind.String ? output.Value.GetString()! : output.Value.GetRawText();
            conversation.Result(call.Id, [MessagePart.Words(words), .. output.Media], Here);
        }

        return (write(), false);
    }
}
