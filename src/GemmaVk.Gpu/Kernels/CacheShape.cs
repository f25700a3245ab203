using System;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Kernels;

/// <summary>What the shaders assume of a cache, and how modules for it are named.</summary>
internal static class CacheShape
{
    private const string OnMatrices = "_matrix";

    /// <summary>Names of a kernel's modules, one per format and way of keeping keys.</summary>
    public static string[] Modules(string kernel) => [.. from format in new[] { DType.F16, DType.Q8, DType.F32 } from values in new[] { "", "_values" } select $"{kernel}_{Formats.Suffix(format)}{values}"];

    /// <summary>The module for a cache.</summary>
    public static string Module(string kernel, in KvRows cache) => Module(kernel, cache.Format, cache.Keys is null);

    /// <summary>Caches over which a kernel takes one form: its module for them, and heads. Nothing in it changes from pass to pass.</summary>
    /// <param name="kernel">Prefix of the modules.</param>
    /// <param name="format">Of the cache.</param>
    /// <param name="valuesOnly">Keys are rebuilt.</param>
    /// <param name="G">Query heads that share keys.</param>
    /// <param name="W">Head width.</param>
    public static string Heads(string kernel, DType format, bool valuesOnly, int G, int W) => $"{Module(kernel, format, valuesOnly)}, {G} heads of {W}";

    /// <summary>Names of a kernel's modules on matrix units: what is kept in F32 is kept so for the sake of every digit, and has none.</summary>
    public static string[] MatrixModules(string kernel) => [.. Modules(kernel).Where(module => !module.Contains(Formats.Suffix(DType.F32), StringComparison.Ordinal)).Select(module => module + OnMatrices)];

    /// <summary>The module for a cache on matrix units.</summary>
    public static string MatrixModule(string kernel, in KvRows cache) => Module(kernel, cache) + OnMatrices;

    private static string Module(string kernel, DType format, bool valuesOnly) => $"{kernel}_{Formats.CacheSuffix(format)}{(valuesOnly ? "_values" : "")}";

    /// <summary>Refuses caches whose keys and values differ in format or shape, and head widths that the shaders cannot read.</summary>
    /// <exception cref="ArgumentException">One of them is so.</exception>
    public static void Check(string kernel, in KvRows cache, int W, int multiple, int most)
    {
        if (cache.Keys is { } keys && (keys.DType != cache.Values.DType || keys.Shape != cache.Values.Shape))
            throw new ArgumentException($"{kernel}: keys are {keys.DType} {keys.Shape} and values {cache.Values.DType} {cache.Values.Shape}; they must be alike");
        if (cache.Keys is null && (cache.FromValues is not { } from || from.Pairs % 4 != 0 || W % 8 != 0))
            throw new ArgumentException($"{kernel}: a cache of values needs what rebuilds its keys, pairs that are a multiple of 4 and a head width that is one of 8");
        if (cache.Format == DType.Q8 && (cache.ValueScales is null || (cache.KeyScales is null && cache.Keys is not null)))
            throw new ArgumentException($"{kernel}: a Q8 cache needs scales");
        int columns = cache.Format == DType.Q8 ? QuantBlocks.GroupSize : multiple;
        if (W % columns != 0 || W > most)
            throw new ArgumentException($"{kernel}: head width {W} must be a multiple of {columns}, at most {most}");
    }
}
