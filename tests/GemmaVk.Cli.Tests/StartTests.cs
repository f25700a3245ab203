using System;
using System.IO;
using System.Linq;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>What the program compiles while it starts: a number of methods, which is the same on a busy machine, where a clock is not.</summary>
public sealed class StartTests : IDisposable
{
    // 597 with 512-bit vectors, 573 with 256 and 540 with 128; without code compiled beforehand there are thousands.
    private const int MostMethods = 660;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [PublishedFact]
    public void The_first_token_waits_for_few_methods_to_be_compiled()
    {
        string list = _folder["methods"];

        ShellRun run = ShellRun.Of(
            $"DOTNET_JitDisasmSummary=1 DOTNET_JitStdOutFile='{list}' dotnet '{PublishedFactAttribute.Program}' generate Hi --max-tokens 1 --device cpu",
            Repository.Root);

        Assert.True(run.Code == 0, run.Error);
        Assert.InRange(File.ReadLines(list).Count(line => line.Contains("JIT compiled", StringComparison.Ordinal)), 1, MostMethods);
    }
}
