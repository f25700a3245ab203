using System.Collections.Generic;
using System.CommandLine;
using GemmaVk.Cli.Porting;
using GemmaVk.Cli.Terminals;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Commands;

/// <summary>Published results for people who port.</summary>
internal sealed class Golden : Verb
{
    public Golden()
        : base("golden", "Published results for ports, from single operations to whole answers: what there is (list), a copy (export), and where a port differs (check).")
    {
        Subcommands.Add(new GoldenList());
        Subcommands.Add(new GoldenExport());
        Subcommands.Add(new GoldenCheck());
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "gemmavk golden list",
        "gemmavk golden export /tmp/kit",
        "gemmavk golden check mine.safetensors",
        "gemmavk golden check --help",
    ];

    public override int Run(ParseResult parsed, Surroundings surroundings) =>
        throw new GemmaVkException("golden: expected list, export or check after it, but nothing came; 'gemmavk golden --help' shows examples.");
}
