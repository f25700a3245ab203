using System;
using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Globalization;
using System.IO;
using System.Linq;
using GemmaVk.Cli.Commands;
using GemmaVk.Cli.Help;
using GemmaVk.Cli.Instruments;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Terminals;
using GemmaVk.Cli.Verifying;
using GemmaVk.Grammar;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Cli;

/// <summary>From arguments to a verb, and from whatever happens there to a sentence and an exit code.</summary>
internal static class CommandLine
{
    private const int HelpPageLeast = 60;
    private const int HelpPageMost = 100;

    private static readonly (string Name, Func<Verb> Make)[] Verbs =
    [
        ("generate", () => new Generate()),
        ("chat", () => new Chat()),
        ("serve", () => Parts.Server ? new Serve() : new LeftOutVerb("serve", nameof(Parts.Server))),
        ("mcp", () => Parts.Tools ? new Commands.Mcp() : new LeftOutVerb("mcp", nameof(Parts.Tools))),
        ("transcribe", () => new Transcribe()),
        ("index", () => Parts.Documents ? new Commands.Index() : new LeftOutVerb("index", nameof(Parts.Documents))),
        ("plan", () => new Plan()),
        ("inspect", () => new Inspect()),
        ("schema", () => new Schema()),
        ("privacy", () => new Privacy()),
        ("doctor", () => new Doctor()),
        ("trace", () => new Trace()),
        ("golden", () => new Golden()),
        ("eval", () => Parts.Evaluation ? new Eval() : new LeftOutVerb("eval", nameof(Parts.Evaluation))),
        ("bench", () => new Bench()),
        ("kernels", () => new Instruments.Kernels()),
        ("verify", () => new Verify()),
        ("tune", () => new Instruments.Tune()),
        ("quantize", () => new Quantize()),
        ("convert", () => new Commands.Convert()),
        ("make-checkpoint", () => new MakeCheckpoint()),
    ];

    /// <summary>Runs one command.</summary>
    /// <param name="args">As the shell gave them.</param>
    /// <param name="terminal">Streams and signals.</param>
    /// <param name="before">Looks at what the process was started with, and throws where the command cannot be run so.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Run(string[] args, Terminal terminal, Action? before = null)
    {
        int code = Attempt(args, terminal, before);
        return terminal.Interruption.Ending ?? code;
    }

    private static int Attempt(string[] args, Terminal terminal, Action? before)
    {
        // Every number and date in the program's text is the same on every machine.
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
        Option<bool> verbose = new("--verbose") { Description = "All figures and a log on standard error, and errors with their origin.", Recursive = true };
        Option<bool> noTune = new("--no-tune") { Description = "Run the usual forms of kernels, whatever was measured on this device; for Vulkan.", Recursive = true };
        ParseResult parsed = CommandLineParser.Parse(
            Root(args, verbose, noTune, terminal),
            args,
            // A prompt may begin with @, which would otherwise name a file of arguments.
            new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
        try
        {
            before?.Invoke();
            if (parsed.Action is ParseErrorAction || (parsed.Action is not HelpPage && parsed.CommandResult.Command is not LeftOutVerb && UnknownFlag(parsed, args) is not null))
            {
                return Complain(terminal, Mistake(parsed, args), ExitCode.UserError);
            }

            return parsed.Invoke(new InvocationConfiguration { Output = terminal.Out, Error = terminal.Error, EnableDefaultExceptionHandler = false });
        }
        catch (Exception error)
        {
            try
            {
                return MissingPart(error) is { } part ? WithoutPart(terminal, part) : Explain(terminal, error, parsed.GetValue(verbose));
            }
            catch (IOException another) when (MissingPart(another) is not null)
            {
                // What explains is in a file too.
                return WithoutPart(terminal, MissingPart(another)!);
            }
        }
    }

    /// <summary>The file of the program that could not be loaded, where that is why an error came; or null.</summary>
    internal static string? MissingPart(Exception error)
    {
        for (Exception? each = error; each is not null; each = each.InnerException)
        {
            string? name = (each as FileNotFoundException)?.FileName ?? (each as FileLoadException)?.FileName;
            // "GemmaVk.Grammar, Version=1.0.0.0, ..."
            if (name?.Split(',') is [var part, var version, ..] && version.StartsWith(" Version=", StringComparison.Ordinal))
            {
                return part;
            }
        }

        return null;
    }

    private static int WithoutPart(Terminal terminal, string part) => Complain(
        terminal, $"{part}.dll, a file of this program, cannot be opened: let the process open more files (ulimit -n), or put the file back.", ExitCode.MachineFailure);

    private static Command Root(string[] args, Option<bool> verbose, Option<bool> noTune, Terminal terminal)
    {
        // No RootCommand: it takes its name from the file that runs, and a text in brackets for a directive.
        Command root = new("gemmavk", "Runs Google's Gemma 4 12B offline, on Vulkan or on the CPU.");
        int columns = Math.Clamp(terminal.Columns(), HelpPageLeast, HelpPageMost);
        root.Options.Add(new HelpOption { Action = new HelpPage(everything: false, columns) });
        root.Options.Add(new HelpOption("--help-all") { Action = new HelpPage(everything: true, columns) });
        root.Options.Add(new VersionOption());
        root.Options.Add(verbose);
        root.Options.Add(noTune);

        // One verb is all that most command lines need; help and typing errors need them all.
        (string Name, Func<Verb> Make)[] wanted = args.Length > 0 ? [.. Verbs.Where(verb => verb.Name == args[0])] : [];
        foreach ((_, Func<Verb> make) in wanted.Length > 0 ? wanted : Verbs)
        {
            Verb verb = make();
            foreach (Verb each in (Verb[])[verb, .. verb.Subcommands.OfType<Verb>()])
            {
                each.SetAction(parsed =>
                {
                    using VerbLog log = new(parsed.GetValue(verbose));
                    return each.Run(parsed, new Surroundings(terminal, log.Logger, parsed.GetValue(verbose), !parsed.GetValue(noTune)));
                });
            }

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
        string verb = parsed.CommandResult.Command is Verb v ? v.Title : "";
        string help = $"'gemmavk{(verb.Length > 0 ? " " + verb : "")} --help' shows examples";
        if (UnknownFlag(parsed, args) is { } flag)
        {
            string[] flags = [.. parsed.CommandResult.Command.Options.Concat(parsed.RootCommandResult.Command.Options).SelectMany(option => option.Aliases.Prepend(option.Name))];
            string meant = Spelling.Nearest(flag.Split('=')[0], flags) is { } near ? $": did you mean {near}?" : ";";
            return $"{(verb.Length == 0 ? "gemmavk" : verb)} has no flag {flag}{meant} {help}, and -- goes before text that begins with a dash.";
        }

        if (parsed.UnmatchedTokens is [var token, ..])
        {
            string[] below = [.. parsed.CommandResult.Command is Verb ? parsed.CommandResult.Command.Subcommands.Select(each => each.Name) : []];
            if (below.Length > 0)
            {
                return $"{verb}: '{token}' is no command of it: {(Spelling.Nearest(token, below) is { } intended ? $"did you mean {intended}?" : $"expected {Or(below)};")} {help}.";
            }

            string meant = Spelling.Nearest(token, Verbs.Select(each => each.Name)) is { } near ? $"did you mean {near}?" : $"expected {Or(Verbs.Select(each => each.Name))};";
            return verb.Length == 0 ? $"'{token}' is no command: {meant} {help}."
                : $"{verb}: '{token}' is one argument too many; put text with spaces in quotes; {help}.";
        }

        return parsed.CommandResult.Command is not Verb
            ? $"a command is missing: expected {Or(Verbs.Select(each => each.Name))}; {help}."
            : $"{parsed.Errors[0].Message.TrimEnd('.')}; {help}.";
    }

    private static int Explain(Terminal terminal, Exception error, bool verbose)
    {
        if (error is ReaderGoneException || error.InnerException is ReaderGoneException)
        {
            return ExitCode.ReaderGone;
        }

        (string sentence, int code) = error switch
        {
            OperationCanceledException => ("interrupted.", ExitCode.Interrupted),
            GemmaVkException or TextException or GrammarException => (error.Message, ExitCode.UserError),
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
}
