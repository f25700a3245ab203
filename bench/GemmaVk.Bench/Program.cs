using System;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace GemmaVk.Bench;

/// <summary>
/// Kernels at the real model's shapes: <c>dotnet run -c Release --project bench/GemmaVk.Bench -- --filter '*MatVec*'</c>.
/// </summary>
internal static class Program
{
    private static void Main(string[] args)
    {
        foreach (string name in BenchBackends.Names)
        {
            Console.WriteLine($"{name}: reads {BenchBackends.Bandwidth(name) / 1e9:F1} GB/s ({BenchBackends.Get(name).Device.Name}, {BenchBackends.Get(name).Device.Driver})");
        }

        // In this process: matrices of a gigabyte and the measured bandwidth are made once.
        ManualConfig config = ManualConfig.Create(DefaultConfig.Instance)
            .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(2).WithIterationCount(9).WithInvocationCount(1).WithUnrollFactor(1))
            .AddColumn(new RateColumn("GB/s", bench => bench.Bytes / 1e9, share: false))
            .AddColumn(new RateColumn("of read", bench => bench.Bytes, share: true))
            .AddColumn(new RateColumn("Gop/s", bench => bench.Operations / 1e9, share: false));
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
    }
}
