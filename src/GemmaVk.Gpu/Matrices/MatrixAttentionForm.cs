using System;
using System.Globalization;
using System.Linq;
using GemmaVk.Tensors;

namespace GemmaVk.Gpu.Matrices;

/// <summary>
/// How much of AttentionPrefill a workgroup does at once on matrix units: GEMMAVK_ATTENTION, such as <c>32x64x8</c>, is for whoever measures a device by hand,
/// and goes before what was measured there.
/// </summary>
/// <param name="Rows">Query rows, as far as the device's blocks allow.</param>
/// <param name="Keys">Keys of a block.</param>
/// <param name="Subgroups">Subgroups of a workgroup.</param>
internal readonly record struct MatrixAttentionForm(uint Rows, uint Keys, uint Subgroups)
{
    private const string Variable = "GEMMAVK_ATTENTION";

    /// <summary>Reads a form; null for null or an empty text.</summary>
    /// <exception cref="GemmaVkException">It is none.</exception>
    public static MatrixAttentionForm? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        uint[] numbers = [.. text.Split('x').Select(part => uint.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) ? number : 0)];
        return numbers is [16 or 32 or 64, 32 or 64, 1 or 2 or 4 or 8]
            ? new MatrixAttentionForm(numbers[0], numbers[1], numbers[2])
            : throw new GemmaVkException($"{Variable}: expected rows (16, 32, 64), keys (32, 64) and subgroups (1, 2, 4, 8) as in 32x64x8, but '{text}' came; correct it, or unset the variable.") { Variable = Variable };
    }

    /// <summary>What the environment asks for.</summary>
    public static MatrixAttentionForm? FromEnvironment() => Parse(Environment.GetEnvironmentVariable(Variable));
}
