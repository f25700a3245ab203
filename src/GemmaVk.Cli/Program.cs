using System.Collections.Generic;
using GemmaVk.Cli.Terminals;
using GemmaVk.Weights;

namespace GemmaVk.Cli;

/// <summary>The <c>gemmavk</c> program.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        IReadOnlyList<int> missing = StandardStreams.OpenMissing();
        MappedFault.ExplainAndExit(ExitCode.UserError);
        using Terminal terminal = Terminal.OfProcess(missing);
        using Signals signals = new(terminal.Interruption);
        return CommandLine.Run(args, terminal, () => RawNames.Check(args));
    }
}
