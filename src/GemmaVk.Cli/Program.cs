using GemmaVk.Cli.Terminals;
using GemmaVk.Weights;

namespace GemmaVk.Cli;

/// <summary>The <c>gemmavk</c> program.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        MappedFault.ExplainAndExit(ExitCode.UserError);
        using Terminal terminal = Terminal.OfProcess();
        return CommandLine.Run(args, terminal);
    }
}
