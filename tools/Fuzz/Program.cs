using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security.Cryptography;

namespace GemmaVk.Fuzz;

/// <summary><c>tools/fuzz PARSER [--seconds N] [--seed S] [--threads N] [FILE]</c>.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        try
        {
            return args.Length == 0 ? List() : Run(args);
        }
        catch (Exception error) when (error is FormatException or OverflowException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"fuzz: {error.Message}");
            return 1;
        }
    }

    private static int List()
    {
        Console.WriteLine("tools/fuzz PARSER [--seconds N] [--seed S] [--threads N] [FILE]\n");
        foreach (Target target in AllTargets.One())
        {
            Console.WriteLine($"  {target.Name,-12} {target.Reads}");
            target.Dispose();
        }

        Console.WriteLine("\nFindings are kept in tests/fuzz, where a test runs them again. A FILE is fed once, as it is.");
        return 0;
    }

    private static int Run(string[] args)
    {
        using Target? target = AllTargets.Named(args[0]);
        if (target is null)
        {
            Console.Error.WriteLine($"fuzz: there is no parser '{args[0]}'; tools/fuzz alone lists them.");
            return 1;
        }

        int seconds = 60, seed = Random.Shared.Next(), threads = Environment.ProcessorCount;
        string? file = null;
        for (int i = 1; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--seconds" when i + 1 < args.Length:
                    seconds = Number(args[++i]);
                    break;
                case "--seed" when i + 1 < args.Length:
                    seed = Number(args[++i]);
                    break;
                case "--threads" when i + 1 < args.Length:
                    threads = Math.Max(1, Number(args[++i]));
                    break;
                case var flag when flag.StartsWith('-'):
                    Console.Error.WriteLine($"fuzz: {flag} is no flag, or has no number after it.");
                    return 1;
                default:
                    file = args[i];
                    break;
            }
        }

        foreach ((string name, byte[] input) in Witness.OfTheDead())
        {
            Keep(new Finding(name, input, "end of the process", "an earlier run ended with this input at work"));
        }

        return file is not null ? Once(target, File.ReadAllBytes(file)) : Long(target.Name, seed, TimeSpan.FromSeconds(seconds), threads);
    }

    private static int Once(Target target, byte[] input)
    {
        Finding? finding = Judge.Of(target, input, out string outcome);
        Console.WriteLine(finding is null ? $"{target.Name}: {outcome}" : $"{target.Name}: {finding.Kind}\n{Visible(finding.What)}");
        return finding is null ? 0 : 2;
    }

    private static int Long(string name, int seed, TimeSpan time, int threads)
    {
        Console.WriteLine($"{name}: seed {seed}");
        FuzzRun run = new(() => AllTargets.Named(name)!, seed, time, threads);
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<Finding> findings = run.Run();
        double seconds = Math.Min(Stopwatch.GetElapsedTime(start).TotalSeconds, time.TotalSeconds);
        using Process self = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {run.Inputs:N0} inputs in {seconds:0} s, {run.Inputs / seconds:N0} a second; {run.Accepted:N0} accepted, {run.Outcomes} ways to end; {findings.Count} findings; peak memory {self.PeakWorkingSet64 >> 20} MiB"));
        foreach (Finding finding in findings)
        {
            Keep(finding);
        }

        return findings.Count == 0 ? 0 : 2;
    }

    /// <summary>Puts a finding where a test will run it again.</summary>
    private static void Keep(Finding finding)
    {
        string folder = Path.Combine(Seeds.KeptFindings, finding.Target);
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(finding.Input))[..12]);
        File.WriteAllBytes(path, finding.Input);
        Console.WriteLine($"\n{finding.Kind}: tests/fuzz/{finding.Target}/{Path.GetFileName(path)}, {finding.Input.Length} bytes\n{Visible(finding.What)}");
    }

    // What a parser said of an input may hold what the input holds.
    private static string Visible(string text) =>
        string.Concat(text.Select(letter => char.IsControl(letter) && letter != '\n' ? $"\\u{(int)letter:x4}" : letter.ToString()));

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
