using System.Collections.Generic;
using System.CommandLine;
using GemmaVk.Cli.Commands;
using GemmaVk.Cli.Terminals;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Instruments;

/// <summary>What people who write kernels look at.</summary>
internal sealed class Kernels : Verb
{
    public Kernels()
        : base("kernels", "Measures single kernels against the device's own limits (bench), and two measurements against each other (compare).")
    {
        Subcommands.Add(new KernelsBench());
        Subcommands.Add(new KernelsCompare());
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "gemmavk kernels bench --quick",
        "gemmavk kernels bench MatVec AttentionDecode --device vulkan --json > before.json",
        "gemmavk kernels compare before.json after.json",
        "gemmavk kernels bench --help",
    ];

    public override int Run(ParseResult parsed, Surroundings surroundings) =>
        throw new GemmaVkException("kernels: expected bench or compare after it, but nothing came; 'gemmavk kernels --help' shows examples.");
}
