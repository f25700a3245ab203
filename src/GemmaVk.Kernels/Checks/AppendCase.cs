using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Tensors;

namespace GemmaVk.Kernels.Checks;

// Letters: T rows in this pass, H query heads, K KV heads, W head width, R rows of the cache.

/// <summary>One call of RmsNormRopeAppend with everything it reads. Without keys, values are the raw keys, as in layers that keep values alone.</summary>
public sealed record AppendCase(
    float[] Q, float[] Key, float[] Value, float[] QWeight, float[] KWeight, float[] Angles, float[] Before, int[] Positions, int T, int H, int K, int W, int R, DType Format, bool ValuesOnly)
{
    private const float Eps = 1e-6f;

    /// <summary>Draws a case.</summary>
    public static AppendCase Draw(int T, int H, int K, int W, int R, DType format, bool valuesOnly, int seed) => new(
        DrawnValues.Of(T * H * W, seed, 20), DrawnValues.Of(T * K * W, seed + 1, 9), DrawnValues.Of(T * K * W, seed + 2, 3), DrawnValues.Of(W, seed + 3), DrawnValues.Of(W, seed + 4),
        DrawnValues.Angles(T, W, seed + 5), OperandBuffers.Stored(DrawnValues.Of(K * R * W, seed + 6), DType.F16), [.. Enumerable.Range(seed % 5000, T)], T, H, K, W, R, format, valuesOnly);

    /// <summary>The call and what it should write; with <paramref name="first"/> as rows of a longer pass, of which it is the tail.</summary>
    public CheckedCall Prepare(OperandBuffers buffers, int first = 0)
    {
        float[] q = [.. Q], keys = [.. Before], values = [.. Before];
        float[] raw = ValuesOnly ? Key : Value;
        RmsNormRopeAppend.Reference(q, Key, raw, QWeight, KWeight, Angles, Positions, ValuesOnly ? [] : keys, values, T, H, K, W, R, Eps);
        BufferHandle queries = buffers.Floats(Later(Q, first * H * W)), key = buffers.Floats(Later(Key, first * K * W)), value = buffers.Floats(Later(Value, first * K * W));
        BufferHandle qWeight = buffers.Floats(QWeight), kWeight = buffers.Floats(KWeight), angles = buffers.Floats(Later(Angles, first * W));
        BufferHandle positions = buffers.Ints([.. new int[first], .. Positions]);
        (BufferHandle v, BufferHandle? vScales) = buffers.Cache(Before, Format);
        (BufferHandle? k, BufferHandle? kScales) = ValuesOnly ? (null, null) : buffers.Cache(Before, Format);
        KvRows cache = new(k, v, R, kScales, vScales, ValuesOnly ? RebuiltKeys.Draw(W, 0, R, 1, 4).On(buffers) : null);
        RmsNormRopeAppend.Args args = new(queries, key, ValuesOnly ? key : value, value, qWeight, kWeight, angles, cache, positions, T, H, K, W, Eps, first);
        List<CheckedResult> results =
        [
            CheckedResult.Close("q", queries, [.. new float[first * H * W], .. q], Tolerances.RmsNormRope, Largest(q)),
            Kept("values", v, vScales, values),
        ];
        if (k is not null)
        {
            results.Add(Kept("keys", k, kScales, keys));
        }

        return new CheckedCall(pass => pass.RmsNormRopeAppend(args), [.. results]);
    }

    /// <inheritdoc/>
    public override string ToString() => $"T {T}, H {H}, K {K}, W {W}, R {R}, {Format}{(ValuesOnly ? " values only" : "")}";

    private static float[] Later(float[] rows, int before) => [.. new float[before], .. rows];

    private static float Largest(float[] values) => values.Append(1e-6f).Max(MathF.Abs);

    // A step of an INT8 cache is its value's nearest, within what BF16 scales round: half a step, and 2^-8 of the value.
    private CheckedResult Kept(string name, BufferHandle rows, BufferHandle? scales, float[] expected)
    {
        if (scales is null)
        {
            return CheckedResult.Close(name, rows, expected, Tolerances.RmsNormRopeAppend(Format), Largest(expected));
        }

        return new CheckedResult(name, rows, buffers =>
        {
            sbyte[] steps = buffers.Read<sbyte>(rows);
            ushort[] units = buffers.Read<ushort>(scales);
            float[] worth = [.. steps.Select((step, i) => step * BFloat16.ToSingle(units[i / QuantBlocks.GroupSize]))];
            float[] half = [.. steps.Select((_, i) => 0.501f * BFloat16.ToSingle(units[i / QuantBlocks.GroupSize]))];
            return Discrepancy.Of(expected, worth, new Tolerance(1, 1.0 / 256), half);
        });
    }
}
