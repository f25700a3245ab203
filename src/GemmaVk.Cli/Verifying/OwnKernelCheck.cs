using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using System.Text;
using System.Threading;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Terminals;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Verifying;

/// <summary>Holds kernels that a user brings against the reference, before anything is measured or answered with them.</summary>
internal static class OwnKernelCheck
{
    private const int Repeats = 3;

    /// <summary>What <c>--kernel</c> was given, held against the reference.</summary>
    /// <exception cref="GemmaVkException">As for <see cref="OwnKernelOption.Read"/> and <see cref="Run"/>.</exception>
    public static IReadOnlyDictionary<string, string> Read(OwnKernelOption option, DeviceOption device, ParseResult parsed, Surroundings surroundings)
    {
        IReadOnlyDictionary<string, string> own = option.Read(parsed);
        using Interruption.Listener interruption = surroundings.Terminal.Interruption.Listen();
        Run(parsed.GetValue(device)!, own, surroundings, interruption.Token);
        return own;
    }

    /// <summary>Runs the cases of the kernels that the modules belong to; says on standard error that they hold.</summary>
    /// <param name="device">What <c>--device</c> was given.</param>
    /// <param name="own">File by module; nothing is done where there is none.</param>
    /// <param name="surroundings">Where the sentence goes.</param>
    /// <param name="cancel">Ends it between two cases.</param>
    /// <exception cref="GemmaVkException">A result is wrong or changes from run to run, or a module does not run on this device.</exception>
    public static void Run(string device, IReadOnlyDictionary<string, string> own, Surroundings surroundings, CancellationToken cancel)
    {
        if (own.Count == 0)
        {
            return;
        }

        using IBackend backend = BackendFactory.Forms(device, surroundings.Log, own).Forms[0].Open();
        IReadOnlyList<KernelCase> cases = KernelCases.Of([.. own.Keys.Select(KernelOf).Distinct()], quick: true);
        IReadOnlyList<CaseVerdict> verdicts = new KernelSweep(backend, Repeats).Run(cases, cancel: cancel);
        foreach ((string module, string path) in own)
        {
            CaseVerdict[] met = [.. verdicts.Where(verdict => verdict.Modules.Contains(module))];
            if (met.Length == 0)
            {
                string[] instead = [.. verdicts.SelectMany(verdict => verdict.Modules).Distinct()];
                throw new GemmaVkException($"--kernel {module}={path}: expected a module that this device runs, but it runs {string.Join(", ", instead)}; give the file for one of them.");
            }

            CaseVerdict[] wrong = [.. met.Where(verdict => !verdict.Holds)];
            if (wrong.Length > 0)
            {
                throw new GemmaVkException(
                    $"--kernel {module}={path}: expected the reference's results, but {wrong.Length} of {Count(met.Length, "case")} {(wrong.Length == 1 ? "is" : "are")} wrong; the first is {wrong[0].Case.Kernel} {wrong[0].Case.Shape}: {wrong[0].Race ?? wrong[0].Worst.Where}. Mend the shader; 'gemmavk verify --kernel {module}={path}' shows every case.");
            }

            surroundings.Terminal.Error.WriteLine(FormattableString.Invariant(
                $"{module} from {path}: right in {Count(met.Length, "case")}, each run {Repeats} times; worst error {met.Max(verdict => verdict.Worst.Share):P0} of its bound."));
        }
    }

    /// <summary>
    /// Holds them against the embedded kernels in the calls of a loaded model: what is right at small shapes may be wrong at its own. Says on standard error at which
    /// shapes that was done.
    /// </summary>
    /// <exception cref="GemmaVkException">The two leave different results.</exception>
    public static void RunIn(GemmaEngine engine, IReadOnlyDictionary<string, string> own, Terminal terminal)
    {
        using Interruption.Listener interruption = terminal.Interruption.Listen();
        (IReadOnlyList<ComparedCall> calls, int leftOut, double seconds) =
            engine.Model.CompareOwnKernels(own.Keys.Select(KernelOf).ToHashSet(), engine.DefaultContextLength, interruption.Token);
        if (calls.FirstOrDefault(call => call.Difference is not null) is { } wrong)
        {
            string[] ran = [.. wrong.Modules.Select(module => $"{module}={own[module]}")];
            throw new GemmaVkException(
                $"--kernel {string.Join(", ", ran)}: expected what the embedded kernel computes, but with this model, at {wrong.Kernel} {wrong.Shape}, {wrong.Difference}. Mend the shader: it is right at the small shapes it was checked with.");
        }

        foreach ((string module, string path) in own)
        {
            ComparedCall[] met = [.. calls.Where(call => call.Modules.Contains(module))];
            string left = leftOut == 0 ? "" : FormattableString.Invariant($"; {leftOut} larger {(leftOut == 1 ? "one was" : "ones were")} left out, since together all would take longer than {seconds:F0} s");
            if (met.Length > 0 || leftOut > 0)
            {
                terminal.Error.WriteLine(
                    $"{module} from {path}: as the embedded one in {Count(met.Length, "call")} with this model's shapes{(met.Length == 0 ? "" : $", the largest {met.MaxBy(call => call.Size)!.Kernel} {met.MaxBy(call => call.Size)!.Shape}")}{left}.");
            }
        }
    }

    private static string Count(int number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";

    /// <summary>The kernel whose name in snake_case a module's begins with.</summary>
    private static string KernelOf(string module) => typeof(IPass).GetMethods().Select(method => method.Name)
        .Where(kernel => module == Snake(kernel) || module.StartsWith(Snake(kernel) + "_", StringComparison.Ordinal))
        .MaxBy(kernel => kernel.Length)!;

    private static string Snake(string name)
    {
        StringBuilder snake = new();
        foreach (char letter in name)
        {
            snake.Append(char.IsUpper(letter) && snake.Length > 0 ? "_" : "").Append(char.ToLowerInvariant(letter));
        }

        return snake.ToString();
    }
}
