using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using GemmaVk.Cli.Instruments;
using GemmaVk.Cli.Options;
using GemmaVk.Evaluation.Records;
using GemmaVk.Evaluation.Reports;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Evaluations;

/// <summary>Holds the records of two runs against each other.</summary>
internal sealed class CompareEval(EvalOptions options, ulong seed, EvalOutput output)
{
    /// <summary>Does it.</summary>
    /// <exception cref="GemmaVkException">There are not two files, one is none of records, or their questions are others.</exception>
    public int Run(ParseResult parsed)
    {
        string[] files = parsed.GetValue(options.Compare) ?? [];
        if (files.Length != 2)
        {
            throw new GemmaVkException($"--compare: expected two files that 'gemmavk eval --out' wrote, but {files.Length} came; give two.");
        }

        RunRecords first = RecordFile.Read(files[0]), second = RecordFile.Read(files[1]);
        Dictionary<string, string> origin = new() { ["program"] = Provenance.Program, ["first"] = Shown(first), ["second"] = Shown(second) };
        output.Write(new EvalReport($"{files[0]} and {files[1]}", origin) { Compared = PairedComparison.Of(first, second, (files[0], files[1]), seed) });
        return ExitCode.Done;
    }

    private static string Shown(RunRecords run) => $"{run.Model} ({string.Join(", ", run.Origin.Where(each => each.Key is not ("program" or "system" or "driver")).Select(each => $"{each.Key} {each.Value}"))})";
}
