using System.Collections.Generic;
using System.CommandLine;
using GemmaVk.Cli.Terminals;

namespace GemmaVk.Cli.Commands;

/// <summary>A command that this program was built without. Whatever flags come with it, it says so.</summary>
internal sealed class LeftOutVerb : Verb
{
    private readonly string _part;

    /// <param name="name">The command.</param>
    /// <param name="part">The part of <see cref="Parts"/> that it belongs to.</param>
    public LeftOutVerb(string name, string part)
        : base(name, $"Left out: this program was built without its part {part}.")
    {
        _part = part;
        TreatUnmatchedTokensAsErrors = false;
    }

    public override IReadOnlyList<string> Examples { get; } = [];

    public override int Run(ParseResult parsed, Surroundings surroundings) => throw Parts.LeftOut(Name, _part);
}
