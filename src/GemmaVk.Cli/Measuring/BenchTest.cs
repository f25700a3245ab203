using System;
using System.Collections.Generic;

namespace GemmaVk.Cli.Measuring;

/// <summary>A test of <see cref="BenchRun"/>, which is sampled as often as wanted, alone or in turns with another.</summary>
/// <param name="Sample">Runs it once; with false what came of it does not count, because it compiled and recorded.</param>
/// <param name="Results">What the samples say.</param>
/// <param name="Compiles">Whether its first sample meets code that nothing before it has run.</param>
internal sealed record BenchTest(Action<bool> Sample, Func<IReadOnlyList<BenchResult>> Results, bool Compiles);
