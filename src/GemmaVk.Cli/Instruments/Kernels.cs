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
        : base("kernels", "Lists the kernels (list), measures them one by one against the device's own limits (bench), and compares two measurements (compare).")
    {
        Subcommands.Add(new KernelsList());
        Subcommands.Add(new KernelsBench());
        Subcommands.Add(new KernelsCompare());
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "gemmavk kernels bench --quick",
        "gemmavk kernels bench MatVec AttentionDecode --device vulkan --json > before.json",
        "gemmavk kernels compare before.json after.json",
        "gemmavk kernels list",
        "gemmavk kernels bench --help",
    ];

    public override int Run(ParseResult parsed, Surroundings surroundings) =>
        throw new GemmaVkException("kernels: expected list, bench or compare after it, but nothing came; 'gemmavk kernels --help' shows examples.");
}
