using System.Collections.Generic;
using System.CommandLine;
using GemmaVk.Cli.Terminals;

namespace GemmaVk.Cli.Commands;

/// <summary>A command of the program: its flags, its examples, and what it does.</summary>
internal abstract class Verb(string name, string description) : Command(name, description)
{
    /// <summary>What is typed to get here: the name, after the command it belongs to where there is one.</summary>
    public virtual string Title => Name;

    /// <summary>Command lines that work as they stand, for the help.</summary>
    public abstract IReadOnlyList<string> Examples { get; }

    /// <summary>Flags that most people need first, by name, where there are too many for one look.</summary>
    public virtual IReadOnlyList<string> First => [];

    /// <summary>Does it.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public abstract int Run(ParseResult parsed, Surroundings surroundings);
}
