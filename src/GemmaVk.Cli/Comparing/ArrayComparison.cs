using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace GemmaVk.Cli.Comparing;

/// <summary>One array beside another, in bounded memory.</summary>
/// <param name="expected">What it should be.</param>
/// <param name="actual">What came.</param>
/// <param name="rule">What is allowed.</param>
/// <param name="kinds">What the layers are, where it is known.</param>
/// <param name="order">Place among the set's arrays.</param>
internal sealed class ArrayComparison(NumberArray expected, NumberArray actual, ArrayRule rule, IReadOnlyList<string> kinds, int order)
{
    private const int Piece = 1 << 16;

    /// <summary>Compares. Rows of layers are compared layer by layer, so that steps stand between them.</summary>
    public IEnumerable<ArrayVerdict> Run()
    {
        if (Mismatch() is { } fault)
        {
            return [Verdict(0, 0, double.PositiveInfinity, 0, null, fault)];
        }

        if (rule.As is ComparedAs.Json)
        {
            return [Json()];
        }

        if (expected.Name != "hidden" || expected.Extents.Count != 3)
        {
            return [Values(0, 0, expected.Count)];
        }

        long rows = expected.Extents[1] * expected.Extents[2];
        return Enumerable.Range(0, (int)expected.Extents[0]).Select(layer => Values(layer, layer * rows, rows));
    }

    /// <summary>A vector of which only the SHA-256 is known.</summary>
    public static ArrayVerdict OfHash(NumberArray actual, string sha256, ArrayRule rule, int order)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(actual.Bytes());
        bool same = Convert.ToHexStringLower(hash.GetHashAndReset()) == sha256;
        return new ArrayVerdict(
            actual.Name, new StepPlace(3, 0, order), "", rule, actual.Count, 0, same ? 0 : double.PositiveInfinity, 0, null, same ? null : $"the SHA-256 of its bytes ({actual.Kind}) is another");
    }

    private string? Mismatch()
    {
        if (actual.Width == 0)
        {
            return $"its type {actual.DType} is none of numbers; write {expected.DType}";
        }

        if (rule.As is ComparedAs.Json || (expected.DType == "U8" && expected.Extents.Count == 1 && actual.DType == "U8" && actual.Extents.Count == 1))
        {
            // Texts may have another length: the first byte that differs says more.
            return null;
        }

        if (!NumberArray.SameLayout(expected.Extents, actual.Extents))
        {
            return $"its shape is {actual.Kind}, expected {expected.Kind}";
        }

        return expected.IsReal && !actual.IsReal ? $"its type is {actual.DType}, expected {expected.DType} or another with fractions" : null;
    }

    private ArrayVerdict Values(int part, long first, long count)
    {
        float[]? sizes = rule.Sizes?.Invoke();
        bool text = expected.Count != actual.Count;
        long common = Math.Min(count, text ? actual.Count : count);
        double largest = rule.OfLargest ? Math.Max(1, Largest(first, count)) : 1;
        (double[] e, double[] a) = rule.As is ComparedAs.Sorted ? (All(expected), All(actual)) : (new double[Piece], new double[Piece]);
        (long beyond, double share, double max, string? where) = (0, 0, 0, null);
        for (long at = 0; at < common; at += Piece)
        {
            int length = (int)Math.Min(Piece, common - at);
            if (rule.As is not ComparedAs.Sorted)
            {
                expected.Read(first + at, e.AsSpan(0, length));
                actual.Read(first + at, a.AsSpan(0, length));
            }

            for (int i = 0; i < length; i++)
            {
                double error = Math.Abs(e[i] - a[i]);
                if (error == 0 || e[i].Equals(a[i]))
                {
                    continue;
                }

                double size = sizes is null ? largest : sizes[sizes.Length == 1 ? 0 : (int)(at + i)];
                double allowed = (rule.Tolerance.Absolute * size) + (rule.Tolerance.Relative * Math.Abs(e[i]));
                double excess = double.IsNaN(error) || allowed == 0 ? double.PositiveInfinity : error / allowed;
                max = double.IsNaN(error) ? double.PositiveInfinity : Math.Max(max, error);
                share = Math.Max(share, excess);
                if (excess > 1)
                {
                    beyond++;
                    where ??= Say(first + at + i, e[i], a[i], error, allowed, excess);
                }
            }
        }

        if (text)
        {
            (beyond, share) = (Math.Max(beyond, 1), double.PositiveInfinity);
            where ??= string.Create(CultureInfo.InvariantCulture, $"{expected.Name}: expected {expected.Count} bytes, came {actual.Count}, the same up to there");
        }

        return Verdict(part, beyond, share, max, where, null, count);
    }

    private ArrayVerdict Json()
    {
        string text = Encoding.UTF8.GetString(actual.Bytes());
        try
        {
            using JsonDocument mine = JsonDocument.Parse(text), theirs = JsonDocument.Parse(Encoding.UTF8.GetString(expected.Bytes()));
            bool same = JsonElement.DeepEquals(theirs.RootElement, mine.RootElement);
            return Verdict(0, same ? 0 : 1, same ? 0 : double.PositiveInfinity, 0, same ? null : $"{expected.Name}: expected {Encoding.UTF8.GetString(expected.Bytes())}, came {text}", null);
        }
        catch (JsonException)
        {
            return Verdict(0, 0, double.PositiveInfinity, 0, null, "it is no JSON text");
        }
    }

    private double Largest(long first, long count)
    {
        double largest = 0;
        double[] values = new double[(int)Math.Min(Piece, count)];
        for (long at = 0; at < count; at += Piece)
        {
            Span<double> some = values.AsSpan(0, (int)Math.Min(Piece, count - at));
            expected.Read(first + at, some);
            foreach (double value in some)
            {
                largest = double.IsFinite(value) ? Math.Max(largest, Math.Abs(value)) : largest;
            }
        }

        return largest;
    }

    private static double[] All(NumberArray array)
    {
        double[] values = new double[checked((int)array.Count)];
        array.Read(0, values);
        Array.Sort(values);
        return values;
    }

    private string Say(long index, double e, double a, double error, double allowed, double excess)
    {
        long left = index;
        string[] indices = new string[expected.Extents.Count];
        for (int i = indices.Length - 1; i >= 0; i--)
        {
            indices[i] = (left % expected.Extents[i]).ToString(CultureInfo.InvariantCulture);
            left /= expected.Extents[i];
        }

        string where = rule.As is ComparedAs.Sorted ? $"{expected.Name}, sorted, [{index}]" : $"{expected.Name}[{string.Join(", ", indices)}]";
        string off = double.IsNaN(error) || double.IsInfinity(excess) ? "where no difference is allowed" : string.Create(CultureInfo.InvariantCulture, $"off by {error:G3}, {excess.ToString(excess is >= 1000 and < 1e9 ? "N0" : "G3", CultureInfo.InvariantCulture)} times the {allowed:G3} that is allowed");
        off = double.IsFinite(a) || double.IsNaN(e) ? off : "which is no finite number";
        string Number(double value) => expected.IsReal ? ((float)value).ToString("R", CultureInfo.InvariantCulture) : value.ToString("R", CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{where}: expected {Number(e)}, came {Number(a)}, {off}");
    }

    private ArrayVerdict Verdict(int part, long beyond, double share, double max, string? first, string? fault, long? count = null) => new(
        expected.Name == "hidden" && count is not null && count != expected.Count ? string.Create(CultureInfo.InvariantCulture, $"hidden[{part}]") : expected.Name,
        StepPlace.Of(expected.Name, part, order),
        StepPlace.InWords(expected.Name, part, kinds),
        rule,
        count ?? expected.Count,
        beyond,
        share,
        max,
        first,
        fault);
}
