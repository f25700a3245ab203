using System;
using System.Linq;
using GemmaVk.Cli.Comparing;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Tracing;

/// <summary>Two traces of one prompt beside each other: of devices, precisions or versions.</summary>
internal static class TraceComparison
{
    private static readonly string[] Inputs = ["ids", "kinds"];

    /// <summary>Compares all arrays that both have, in the order of computation.</summary>
    /// <param name="expected">File and name of the trace that is held to be right.</param>
    /// <param name="actual">File and name of the other.</param>
    /// <param name="share">How far apart they may be, as a share of an array's largest value.</param>
    /// <param name="why">The reason.</param>
    /// <exception cref="GemmaVkException">One is no trace, they have no array in common, or they are of other prompts or models.</exception>
    public static ComparisonReport Of((string Path, string Name) expected, (string Path, string Name) actual, double share, string why)
    {
        using SafetensorsFile right = SafetensorsFile.Open(expected.Path), left = SafetensorsFile.Open(actual.Path);
        string[] common = [.. right.Tensors.Keys.Where(left.Tensors.ContainsKey)];
        string Some(SafetensorsFile file) => file.Tensors.Count == 0 ? "none" : string.Join(", ", file.Tensors.Keys.Order().Take(5)) + (file.Tensors.Count > 5 ? " and others" : "");
        if (common.Except(Inputs).ToArray() is not { Length: > 0 })
        {
            throw new GemmaVkException($"--compare {expected.Name}: expected a trace with arrays that {actual.Name} has too, but it has {Some(right)}, and the other {Some(left)}; 'gemmavk trace --out' writes one.");
        }

        foreach (string input in Inputs.Where(common.Contains))
        {
            if (!Same(right, left, input))
            {
                throw new GemmaVkException($"--compare {expected.Name}: expected a trace of the same prompt, but its '{input}' are others than those of {actual.Name}; trace one prompt twice.");
            }
        }

        if (common.Contains("hidden") && right.Tensors["hidden"] is { Extents.Count: 3 } a && left.Tensors["hidden"] is { Extents.Count: 3 } b && (a.Extents[0], a.Extents[2]) != (b.Extents[0], b.Extents[2]))
        {
            throw new GemmaVkException(
                $"--compare {expected.Name}: expected a trace of the same model, but it has {a.Extents[0]} layers of width {a.Extents[2]}, and {actual.Name} has {b.Extents[0]} of {b.Extents[2]}; trace one model twice.");
        }

        ArrayRule rule = new(new Tolerance(share, 0), "the array's largest value", why) { OfLargest = true };
        ArrayVerdict[] verdicts =
        [
            .. common.Except(Inputs).SelectMany((name, order) =>
                new ArrayComparison(NumberArray.Of(right, right.Tensors[name]), NumberArray.Of(left, left.Tensors[name]), IsWhole(right.Tensors[name]) ? ArrayRule.Exact("it holds whole numbers") : rule, [], order).Run()),
        ];
        return new ComparisonReport(expected.Name, actual.Name, verdicts, [.. right.Tensors.Keys.Except(common).Except(Inputs)], [.. left.Tensors.Keys.Except(common).Except(Inputs)]);
    }

    private static bool IsWhole(FileTensor tensor) => !NumberArray.Of("", tensor.DType, []).IsReal;

    private static bool Same(SafetensorsFile a, SafetensorsFile b, string name)
    {
        (NumberArray first, NumberArray second) = (NumberArray.Of(a, a.Tensors[name]), NumberArray.Of(b, b.Tensors[name]));
        if (first.Width == 0 || second.Width == 0 || first.Count != second.Count || first.Count > int.MaxValue / sizeof(double))
        {
            return false;
        }

        (double[] x, double[] y) = (new double[first.Count], new double[first.Count]);
        first.Read(0, x);
        second.Read(0, y);
        return x.AsSpan().SequenceEqual(y);
    }
}
