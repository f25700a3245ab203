using System;
using System.Linq;
using GemmaVk.Gpu.Matrices;

namespace GemmaVk.Gpu.Tests;

/// <summary>Whether the software driver has matrix units: most have none, and a test says so by being skipped.</summary>
internal static class MatrixUnitsNeeded
{
    private static readonly Lazy<string?> Found = new(() =>
    {
        using TestDevice test = new(options => options with { Validation = false });
        return MatrixUnits.Of(test.Device.Features) == MatrixUnits.None
            ? $"{test.Device.Info.Driver} {test.Device.Info.DriverInfo} has no matrix units; 'tools/drivers run mesa-26' runs a command with a driver that has"
            : null;
    });

    /// <summary>Why a test cannot run here, or null.</summary>
    public static string? Missing() => Found.Value;
}
