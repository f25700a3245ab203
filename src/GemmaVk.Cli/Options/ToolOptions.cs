using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using GemmaVk.Cli.Prompting;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Options;

/// <summary>The flags that offer tools, give results of calls, and end an answer at a text.</summary>
internal sealed class ToolOptions
{
    private readonly Option<string?> _tools = new("--tools")
    {
        Description = "JSON file with declarations of functions that the model may call: OpenAI's list of tools, or bare functions. Calls come out as a line of JSON each.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _results = new("--tool-results")
    {
        Description = "JSON file with the calls of an earlier answer, each with a \"result\" beside name and arguments; the model goes on from them.",
        HelpName = "FILE",
    };

    private readonly Option<string[]> _stop = new("--stop") { Description = "End the answer before this text, which is not shown. May come several times.", HelpName = "TEXT" };

    public void AddTo(Command command)
    {
        command.Options.Add(_tools);
        command.Options.Add(_results);
        command.Options.Add(_stop);
    }

    /// <summary>Whether a flag was given that only a chat template can honour.</summary>
    public string? NeedsTemplate(ParseResult parsed) =>
        parsed.GetValue(_tools) is not null ? "--tools" : parsed.GetValue(_results) is not null ? "--tool-results" : null;

    /// <summary>The options with tools, results and texts that end the answer.</summary>
    /// <exception cref="GemmaVkException">A file or a text is not what it should be.</exception>
    public AskOptions Over(AskOptions options, ParseResult parsed)
    {
        (string? tools, string? results) = (parsed.GetValue(_tools), parsed.GetValue(_results));
        if (results is not null && tools is null)
        {
            throw new GemmaVkException("--tool-results: expected together with --tools, because the model must know what it called; give the same --tools as before.");
        }

        string[] stops = parsed.GetValue(_stop) ?? [];
        if (stops.Contains(""))
        {
            throw new GemmaVkException("--stop is empty: expected the text that ends the answer; give one, or leave the flag out.");
        }

        IReadOnlyList<OfferedTool> offered = tools is null ? [] : ToolFile.Read("--tools", tools);
        return options with
        {
            Tools = [.. offered.Select(tool => tool.Declaration)],
            Exchanges = results is null ? [] : ResultFile.Read("--tool-results", results, offered),
            StopTexts = stops,
        };
    }
}
