using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GemmaVk.Cli.Calling;
using GemmaVk.Cli.Prompting;
using GemmaVk.Cli.Reading;
using GemmaVk.Cli.Terminals;
using GemmaVk.Documents.Answers;
using GemmaVk.Mcp.Calls;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Structured;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Cli.Chats;

/// <summary>Calls of tools: those that the program runs are run, of others the next line is the result.</summary>
internal sealed partial class Conversation
{
    private ToolRounds? _rounds;

    /// <summary>Shows the tools that the program runs.</summary>
    private void ShowTools() => calls?.List().ToList().ForEach(terminal.Error.WriteLine);

    /// <summary>Runs the calls of the newest answer, round by round, until one waits for a person or there are none.</summary>
    private void RunCalls()
    {
        while (_session.OpenCalls.Count > 0)
        {
            try
            {
                if (!Collect())
                {
                    break;
                }
            }
            catch (OperationCanceledException)
            {
                terminal.Interruption.ThrowIfEnding();
                Dimmed.WriteLine(terminal, "(stopped)");
                Leave();
                return;
            }
            catch (GemmaVkException error)
            {
                terminal.Error.WriteLine(error.Message);
                Leave();
                return;
            }

            ToolOutput[] results = [.. _results];
            if (Guarded((show, cancel) => SearchRounds.Complete(_session, _session.Reply(results, Options, show, cancel), desk.Tool, Options, show, terminal, cancel)) is not { } answer)
            {
                return;
            }

            _turns[^1].Results.AddRange(results.Select(result => result.Value));
            _turns[^1].Answers.Add(answer);
        }

        if (OpenCall is { } call)
        {
            Dimmed.WriteLine(terminal, $"(the next line is the result of {call.Name}, as JSON or text; /skip goes on without)");
        }
    }

    /// <summary>Gets the results of the open calls, as far as the program runs them.</summary>
    /// <returns>Whether all are there.</returns>
    private bool Collect()
    {
        bool runs = _rounds is not null && OpenCall is { } next && _rounds.Owns(next);
        if (runs && _results.Count == 0 && _rounds!.Begin() is { } tooMany)
        {
            throw new GemmaVkException(tooMany);
        }

        using Interruption.Listener interruption = terminal.Interruption.Listen();
        while (OpenCall is { } call && (_rounds?.Owns(call) == true || (call.Name == SearchTool.Name && desk.Tool is not null)))
        {
            if (call.Name == SearchTool.Name && desk.Tool is { } search)
            {
                // Beside calls of other tools; searches alone were made while the answer was written.
                _results.Add(new ToolOutput(search.Run(call, interruption.Token)));
                continue;
            }

            (ToolOutput output, string? ends) = ToolDesk.Run(_rounds!, call, interruption.Token);
            _results.Add(output);
            if (ends is not null)
            {
                throw new GemmaVkException(ends);
            }
        }

        return OpenCall is null && _session.OpenCalls.Count == _results.Count && _results.Count > 0;
    }

    /// <summary>The calls stay without results: what is said next begins a turn.</summary>
    private void Leave()
    {
        _results.Clear();
        _results.AddRange(_session.OpenCalls.Select(_ => new ToolOutput(Value("null"))));
    }

    /// <summary>Tells the model of the tools there are now, where a server has changed them.</summary>
    private void RefreshTools()
    {
        if (calls is null)
        {
            return;
        }

        using Interruption.Listener interruption = terminal.Interruption.Listen();
        if (calls.Refresh(interruption.Token))
        {
            Change(Offering(Options, _tools, calls, desk.Tool), _tools, $"The tools have changed. Offered now: {string.Join(", ", calls.Declarations.Select(tool => tool.Name))}.");
        }
    }

    /// <summary>After a conversation was loaded: the tools there are now take the place of those that were run then.</summary>
    private void OfferAgain()
    {
        AskOptions now = Offering(Options, _tools, calls, desk.Tool);
        if (!now.Tools.Select(tool => tool.Function.GetRawText()).SequenceEqual(_session.Tools.Select(tool => tool.Function.GetRawText())))
        {
            Change(now, _tools, now.Tools.Count > 0 ? $"Offered now: {string.Join(", ", now.Tools.Select(tool => tool.Name))}." : "No tools are offered now.");
        }
        else
        {
            Options = now;
        }
    }

    private bool IsRun(string name) => calls?.Declarations.Any(tool => tool.Name == name) == true;

    private static AskOptions Offering(AskOptions options, IReadOnlyList<OfferedTool> tools, ToolDesk? calls, SearchTool? search)
    {
        ToolDeclaration[] all = [.. tools.Select(tool => tool.Declaration), .. calls?.Declarations ?? []];
        return SearchRounds.Offer(options with { Tools = all, Shape = AnswerShape.OfTools(all, ToolUse.Auto) }, search);
    }
}
