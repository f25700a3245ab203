using System;
using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.IO;
using System.Linq;
using System.Text;
using GemmaVk.Cli.Commands;

namespace GemmaVk.Cli.Help;

/// <summary>
/// What --help and --help-all print: what a command is for, its flags, and command lines to copy. --help shows the flags that most people
/// need first; --help-all shows every one, in groups.
/// </summary>
/// <param name="everything">Whether every flag is shown.</param>
/// <param name="columns">Width of the page.</param>
internal sealed class HelpPage(bool everything, int columns) : SynchronousCommandLineAction
{
    /// <summary>The most flags that --help shows.</summary>
    public const int MostFirst = 8;

    private const int Indent = 2;
    private const int TextColumn = 27;

    private static readonly string[] ProgramExamples =
        ["gemmavk generate --think \"What is 47 + 85?\"", "gemmavk chat", "gemmavk doctor", "gemmavk generate --help"];

    public override bool Terminating => true;

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        TextWriter output = parseResult.InvocationConfiguration.Output;
        Command command = parseResult.CommandResult.Command;
        if (command is Verb verb)
        {
            Write(output, verb, [.. verb.Options, .. parseResult.RootCommandResult.Command.Options.Where(option => option.Name == "--verbose")]);
        }
        else
        {
            WriteProgram(output, command);
        }

        return ExitCode.Done;
    }

    private void WriteProgram(TextWriter output, Command program)
    {
        Paragraph(output, program.Description!, 0);
        output.WriteLine();
        output.WriteLine("Usage: gemmavk COMMAND [options]");
        Heading(output, "Commands");
        foreach (Command command in program.Subcommands)
        {
            Entry(output, command.Name, FirstSentence(command.Description!));
        }

        Heading(output, "Everywhere");
        Entry(output, "--help, --help-all", "With a command: its first flags, or all of them.");
        Entry(output, "--verbose", program.Options.First(option => option.Name == "--verbose").Description!);
        Entry(output, "--version", "The version.");
        Examples(output, ProgramExamples);
    }

    private void Write(TextWriter output, Verb verb, IReadOnlyList<Option> options)
    {
        Paragraph(output, $"gemmavk {verb.Title}: {verb.Description}", 0);
        output.WriteLine();
        string arguments = (verb.Subcommands.Count > 0 ? $" {string.Join('|', verb.Subcommands.Select(command => command.Name))}" : "") + string.Concat(verb.Arguments.Select(argument => argument.Arity.MinimumNumberOfValues == 0 ? $" [{argument.Name}]" : $" {argument.Name}"));
        output.WriteLine($"Usage: gemmavk {verb.Title}{arguments} [options]");
        if (verb.Arguments.Count + verb.Subcommands.Count > 0)
        {
            output.WriteLine();
        }

        foreach (Command command in verb.Subcommands)
        {
            Entry(output, command.Name, FirstSentence(command.Description!));
        }

        foreach (Argument argument in verb.Arguments)
        {
            Entry(output, argument.Name, argument.Description!);
        }

        Option[] shown = [.. options.Where(option => option is not HelpOption)];
        Option[] first = shown.Length <= MostFirst ? shown : [.. verb.First.Select(name => shown.First(option => option.Name == name))];
        if (everything)
        {
            foreach ((string title, IReadOnlyList<Option> group) in OptionGroups.Of(shown))
            {
                Heading(output, title);
                Entries(output, group);
            }
        }
        else
        {
            Heading(output, first.Length < shown.Length ? "First options" : "Options");
            Entries(output, first);
            if (first.Length < shown.Length)
            {
                string titles = string.Join(", ", OptionGroups.Of([.. shown.Except(first)]).Select(group => group.Title.ToLowerInvariant()));
                output.WriteLine();
                Paragraph(output, $"gemmavk {verb.Title} --help-all shows the other {shown.Length - first.Length}: {titles}.", 0);
            }
        }

        Examples(output, verb.Examples);
    }

    private void Entries(TextWriter output, IEnumerable<Option> options)
    {
        foreach (Option option in options)
        {
            string names = string.Join(", ", option.Aliases.Where(alias => alias.Length == 2).Append(option.Name));
            string value = option.HelpName is { } help && help.Length <= TextColumn ? $" {help}" : option.HelpName is not null ? " WORD" : "";
            string words = option.HelpName is { } all && all.Length > TextColumn ? $" One of {all.Replace("|", ", ", StringComparison.Ordinal)}." : "";
            Entry(output, names + value, (option.Description + (option.Required ? " Required." : "") + words).Trim());
        }
    }

    private void Entry(TextWriter output, string name, string text)
    {
        string left = new string(' ', Indent) + name;
        if (left.Length + 2 > TextColumn)
        {
            output.WriteLine(left);
            left = "";
        }

        output.Write(left.PadRight(TextColumn));
        Paragraph(output, text, TextColumn);
    }

    /// <summary>Words in lines that fit; the first line begins where the cursor is.</summary>
    private void Paragraph(TextWriter output, string text, int indent)
    {
        StringBuilder line = new();
        bool firstLine = true;
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && indent + line.Length + 1 + word.Length > columns)
            {
                output.WriteLine((firstLine ? "" : new string(' ', indent)) + line);
                line.Clear();
                firstLine = false;
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        output.WriteLine((firstLine ? "" : new string(' ', indent)) + line);
    }

    private static void Heading(TextWriter output, string title)
    {
        output.WriteLine();
        output.WriteLine($"{title}:");
    }

    private static void Examples(TextWriter output, IReadOnlyList<string> examples)
    {
        if (examples.Count == 0)
        {
            return;
        }

        Heading(output, "Examples");
        foreach (string example in examples)
        {
            output.WriteLine($"  {example}");
        }
    }

    private static string FirstSentence(string text)
    {
        int end = text.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? text : text[..(end + 1)];
    }
}
