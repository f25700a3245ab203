using System;
using System.Collections.Generic;
using GemmaVk.Gpu.Matrices;
using GemmaVk.Gpu.Pipelines;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu;

/// <summary>How to open a Vulkan device. The defaults come from the environment.</summary>
public sealed record GpuOptions
{
    /// <summary>Load the Khronos validation layer and collect what it says. Default: GEMMAVK_VALIDATION is 1.</summary>
    public bool Validation { get; init; } = OnOffVariable.IsOn("GEMMAVK_VALIDATION");

    /// <summary>Folder with .comp files to compile on load instead of the embedded SPIR-V. Default: GEMMAVK_SHADER_DIR.</summary>
    public string? ShaderDirectory { get; init; } = ShaderCompiler.DirectoryFromEnvironment();

    /// <summary>Folder for compiled pipelines. Default: gemmavk in the user's cache folder.</summary>
    public string? CacheDirectory { get; init; }

    /// <summary>
    /// Bytes of device memory to take at most. Default: what the driver says, which for software drivers is often far less
    /// than there is.
    /// </summary>
    public long? MemoryLimit { get; init; }

    /// <summary>Measure the time of every kernel. Default: GEMMAVK_TIMINGS is 1.</summary>
    public bool Timing { get; init; } = OnOffVariable.IsOn("GEMMAVK_TIMINGS");

    /// <summary>Ask the driver what its compiler made of each kernel, where it tells. Kernels may compile longer.</summary>
    public bool Statistics { get; init; }

    /// <summary>Use the integer dot product, or do without; null for what the device offers. For judging the variants that a device does not need.</summary>
    public bool? IntegerDot { get; init; }

    /// <summary>Use matrix units, or do without; null for what suits the device. Nothing uses those that it does not list.</summary>
    public bool? Matrices { get; init; }

    /// <summary>Choose sizes of tiles as for a driver that computes on the CPU, or as for a GPU; null for what the device is.</summary>
    public bool? AsSoftware { get; init; }

    /// <summary>Whether forms of kernels that were measured on this device are taken in place of the usual ones.</summary>
    public bool Tuning { get; init; } = true;

    /// <summary>What the device shall seem to lack. Default: GEMMAVK_PRETEND.</summary>
    public PretendedLacks Pretend { get; init; } = PretendedLacks.Parse(Environment.GetEnvironmentVariable("GEMMAVK_PRETEND"));

    /// <summary>Longest that one submission to the device should take: watchdogs of desktops reset one that is busy for too long.</summary>
    public TimeSpan SubmissionLimit { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Modules that come from a file, a .comp or a .spv, instead of the embedded SPIR-V: path by module.</summary>
    public IReadOnlyDictionary<string, string> OwnKernels { get; init; } = new Dictionary<string, string>();

    /// <summary>Receives one line per event that is worth knowing but no error, such as an unreadable pipeline cache.</summary>
    public Action<string>? Log { get; init; }

    /// <summary>Upper limit in bytes for what one binding may span, below the device's own. For tests of chunking.</summary>
    internal long MaxChunkBytes { get; init; } = long.MaxValue;

    /// <summary>How attention is cut on matrix units; null for the usual way. Default: GEMMAVK_ATTENTION. For measuring a device, and for tests.</summary>
    internal MatrixAttentionForm? Attention { get; init; } = MatrixAttentionForm.FromEnvironment();

    /// <summary>Forbids direct access to device memory through a mapping. For tests of staging.</summary>
    internal bool AlwaysStage { get; init; }
}
