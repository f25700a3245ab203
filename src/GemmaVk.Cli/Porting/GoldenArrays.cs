using System;
using System.Collections.Generic;
using GemmaVk.Cli.Comparing;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Porting;

/// <summary>A set that is open.</summary>
/// <param name="Set">Which.</param>
/// <param name="Arrays">Arrays by name, in order.</param>
/// <param name="Hashes">SHA-256 by name of those that are too large for the kit.</param>
/// <param name="Rules">Tolerances by name; what has none is an input.</param>
/// <param name="File">What it is read from; null for JSON.</param>
internal sealed record GoldenArrays(
    GoldenSet Set, IReadOnlyDictionary<string, NumberArray> Arrays, IReadOnlyDictionary<string, string> Hashes, IReadOnlyDictionary<string, ArrayRule> Rules, SafetensorsFile? File) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => File?.Dispose();
}
