using System;
using System.CommandLine;
using System.Linq;
using GemmaVk.Cli.Prompting;
using GemmaVk.Structured;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Options;

/// <summary>The flags that say what an answer may be.</summary>
internal sealed class ShapeOptions
{
    private readonly Option<string?> _schema = new("--json-schema")
    {
        Description = "JSON Schema that the answer fits, behind its thoughts. What cannot be held is refused with its path before anything is generated.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _grammar = new("--grammar") { Description = "Grammar (GBNF, as llama.cpp has it) that the answer follows.", HelpName = "FILE" };

    private readonly Option<string?> _regex = new("--regex") { Description = "Regular expression that the whole answer matches.", HelpName = "TEXT" };

    public void AddTo(Command command)
    {
        command.Options.Add(_schema);
        command.Options.Add(_grammar);
        command.Options.Add(_regex);
    }

    /// <summary>The options with what the answer may be: text of a form, calls of the tools that are declared strict, or either.</summary>
    /// <exception cref="GemmaVkException">Two flags at a time, a file that cannot be read, or what cannot be held.</exception>
    public AskOptions Over(AskOptions options, ParseResult parsed)
    {
        Option<string?>[] given = [.. ((Option<string?>[])[_schema, _grammar, _regex]).Where(option => parsed.GetValue(option) is not null)];
        if (given.Length > 1)
        {
            throw new GemmaVkException($"{given[0].Name} and {given[1].Name}: expected one of them, because an answer has one form; drop one.");
        }

        if (given.Length == 0)
        {
            return options with { Shape = AnswerShape.OfTools(options.Tools, ToolUse.Auto) };
        }

        (string flag, string value) = (given[0].Name, parsed.GetValue(given[0])!);
        if (options.StopTexts.Count > 0)
        {
            throw new GemmaVkException($"{flag} and --stop: expected one of them, because an answer that is cut off has not the form; drop one.");
        }

        string what = $"{flag} {value}";
        AnswerShape shape = given[0] == _regex ? AnswerShape.OfExpression(value, what)
            : given[0] == _grammar ? AnswerShape.OfGrammar(InputText.OfFile(flag, value), what)
            : AnswerShape.OfSchema(InputText.OfFile(flag, value), what);
        return options with { Shape = shape.WithTools(options.Tools, ToolUse.Auto) };
    }
}
