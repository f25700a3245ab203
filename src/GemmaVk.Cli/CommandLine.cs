using System;
using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.IO;
using System.Linq;
using GemmaVk.Cli.Commands;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Terminals;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Cli;

/// <summary>From arguments to a verb, and from whatever happens there to a sentence and an exit code.</summary>
internal static class CommandLine
{
    private static readonly (string Name, Func<Verb> Make)[] Verbs =
    [
        ("generate", () => new Generate()),
        ("chat", () => new Chat()),
        ("transcribe", () => new Transcribe()),
        ("plan", () => new Plan()),
        ("inspect", () => new Inspect()),
        ("doctor", () => new Doctor()),
        ("trace", () => new Trace()),
        ("bench", () => new Bench()),
        ("quantize", () => new Quantize()),
        ("make-checkpoint", () => new MakeCheckpoint()),
    ];

    /// <summary>Runs one command.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Run(string[] args, Terminal terminal)
    {
        Option<bool> verbose = new("--verbose") { Description = "Log what happens to standard error, and errors with their origin.", Recursive = true };
        ParseResult parsed = CommandLineParser.Parse(
            Root(args, verbose, terminal),
            args,
            // A prompt may begin with @, which would otherwise name a file of arguments.
            new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
        try
        {
            if (parsed.Action is ParseErrorAction || (parsed.Action is not HelpWithExamples && UnknownFlag(parsed, args) is not null))
            {
                return Complain(terminal, Mistake(parsed, args), ExitCode.UserError);
            }

            return parsed.Invoke(new InvocationConfiguration { Output = terminal.Out, Error = terminal.Error, EnableDefaultExceptionHandler = false });
        }
        catch (Exception error)
        {
            return Explain(terminal, error, parsed.GetValue(verbose));
        }
    }

    private static Command Root(string[] args, Option<bool> verbose, Terminal terminal)
    {
        // No RootCommand: it takes its name from the file that runs, and a text in brackets for a directive.
        Command root = new("gemmavk", "Runs Google's Gemma 4 12B offline, on Vulkan or on the CPU.");
        HelpOption help = new();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        root.Options.Add(help);
        root.Options.Add(new VersionOption());
        root.Options.Add(verbose);

        // One verb is all that most command lines need; help and typing errors need them all.
        (string Name, Func<Verb> Make)[] wanted = args.Length > 0 ? [.. Verbs.Where(verb => verb.Name == args[0])] : [];
        foreach ((_, Func<Verb> make) in wanted.Length > 0 ? wanted : Verbs)
        {
            Verb verb = make();
            verb.SetAction(parsed =>
            {
                using VerbLog log = new(parsed.GetValue(verbose));
                return verb.Run(parsed, new Surroundings(terminal, log.Logger));
            });
            root.Subcommands.Add(verb);
        }

        return root;
    }

    /// <summary>A misspelt flag, which the parser takes for a prompt.</summary>
    private static string? UnknownFlag(ParseResult parsed, string[] args)
    {
        HashSet<string> loose =
        [
            .. parsed.UnmatchedTokens,
            .. parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value),
        ];
        return args.TakeWhile(arg => arg != "--").FirstOrDefault(arg => loose.Contains(arg) && LooksLikeFlag(arg));
    }

    private static bool LooksLikeFlag(string arg) =>
        arg.StartsWith('-') && arg.TrimStart('-') is [var first, ..] && char.IsAsciiLetter(first) && !arg.Any(char.IsWhiteSpace);

    /// <summary>One sentence for the first thing that is wrong with the arguments.</summary>
    private static string Mistake(ParseResult parsed, string[] args)
    {
        string verb = parsed.CommandResult.Command is Verb v ? v.Name : "";
        string help = $"'gemmavk{(verb.Length > 0 ? " " + verb : "")} --help' shows examples";
        if (UnknownFlag(parsed, args) is { } flag)
        {
            return $"{(verb.Length == 0 ? "gemmavk" : verb)} has no flag {flag}; {help}, and -- goes before text that begins with a dash.";
        }

        if (parsed.UnmatchedTokens is [var token, ..])
        {
            return verb.Length == 0 ? $"'{token}' is no command: expected {Or(Verbs.Select(each => each.Name))}; {help}."
                : $"{verb}: '{token}' is one argument too many; put text with spaces in quotes; {help}.";
        }

        return parsed.CommandResult.Command is not Verb
            ? $"a command is missing: expected {Or(Verbs.Select(each => each.Name))}; {help}."
            : $"{parsed.Errors[0].Message.TrimEnd('.')}; {help}.";
    }

    private static int Explain(Terminal terminal, Exception error, bool verbose)
    {
        (string sentence, int code) = error switch
        {
            OperationCanceledException => ("interrupted.", ExitCode.Interrupted),
            GemmaVkException or TextException => (error.Message, ExitCode.UserError),
            OutOfMemoryException => ("the machine has no memory left: choose a smaller context (--context) or smaller weights (--weights int4).", ExitCode.MachineFailure),
            IOException or UnauthorizedAccessException => ($"reading or writing failed: {error.Message}", ExitCode.MachineFailure),
            AggregateException { InnerException: { } inner } => (inner.Message, inner is GemmaVkException ? ExitCode.UserError : ExitCode.MachineFailure),
            _ => ($"{error.Message} ({error.GetType().Name}; --verbose shows where)", ExitCode.MachineFailure),
        };
        if (verbose)
        {
            terminal.Error.WriteLine(VisibleText.Lines(error.ToString()));
        }

        return Complain(terminal, sentence, code);
    }

    private static int Complain(Terminal terminal, string sentence, int code)
    {
        try
        {
            terminal.Error.WriteLine($"gemmavk: {VisibleText.Sentence(sentence)}");
        }
        catch (IOException)
        {
            // Nobody reads standard error any more: the exit code still tells.
        }

        return code;
    }

    private static string Or(IEnumerable<string> words)
    {
        string[] all = [.. words];
        return $"{string.Join(", ", all[..^1])} or {all[^1]}";
    }

    /// <summary>The usual help, and below it command lines to copy.</summary>
    private sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
    {
        public override bool Terminating => true;

        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int code = usual.Invoke(parseResult);
            TextWriter output = parseResult.InvocationConfiguration.Output;
            IReadOnlyList<string> examples = parseResult.CommandResult.Command is Verb verb
                ? verb.Examples
                : ["gemmavk generate --think \"What is 47 + 85?\"", "gemmavk chat", "gemmavk doctor", "gemmavk generate --help"];
            output.WriteLine("Examples:");
            foreach (string example in examples)
            {
                output.WriteLine($"  {example}");
            }

            output.WriteLine();
            return code;
        }
    }
}
