using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Tensors;
using static GemmaVk.Kernels.Checks.KernelCases;

namespace GemmaVk.Kernels.Checks;

// Letters: T rows in this pass, H query heads, K KV heads, W head width, R rows of the cache.

/// <summary>Kernels that touch a cache, in every format of it.</summary>
internal static class CacheCases
{
    private static readonly DType[] Formats = [DType.F16, DType.Q8, DType.F32];

    public static IEnumerable<KernelCase> All(bool quick)
    {
        foreach (DType format in Formats)
        {
            foreach (bool valuesOnly in (bool[])[false, true])
            {
                foreach ((int T, int K, int W, int R) in quick ? [(3, 2, 64, 5)] : ((int, int, int, int)[])[(1, 1, 32, 1), (3, 2, 64, 5), (9, 8, 256, 16), (17, 1, 512, 40)])
                {
                    yield return KvAppend(format, valuesOnly, T, K, W, R);
                }
            }
        }

        // The tile of sixteen heads takes a software driver two seconds to compile: a quick check meets it in one format.
        foreach (DType format in Formats)
        {
            foreach ((int T, int H, int K, int W, int start, int window) in Decodes(quick).Skip(quick && format != DType.F16 ? 1 : 0))
            {
                yield return Attention(nameof(AttentionDecode), T, H, K, W, start, window, format, valuesOnly: false);
            }

            yield return Attention(nameof(AttentionDecode), 2, quick && format != DType.F16 ? 4 : 16, 1, 64, 300, 0, format, valuesOnly: true);
            foreach ((int T, int H, int K, int W, int start, int window) in Prefills(quick))
            {
                yield return Attention(nameof(AttentionPrefill), T, H, K, W, start, window, format, valuesOnly: false);
            }

            yield return Attention(nameof(AttentionPrefill), 13, 16, 1, 64, 200, 0, format, valuesOnly: true);
            if (!quick)
            {
                yield return Attention(nameof(AttentionDecode), 1, 16, 1, 512, 1500, 0, format, valuesOnly: true);
                yield return Attention(nameof(AttentionPrefill), 33, 16, 1, 512, 63, 0, format, valuesOnly: true);
            }
        }
    }

    private static (int T, int H, int K, int W, int Start, int Window)[] Decodes(bool quick) => quick
        ? [(1, 16, 1, 64, 300, 0), (3, 4, 2, 32, 200, 100)]
        : [(1, 2, 1, 32, 0, 0), (1, 16, 1, 64, 300, 0), (3, 4, 2, 32, 200, 100), (8, 16, 8, 256, 700, 256), (2, 16, 1, 512, 1300, 0), (5, 4, 4, 96, 63, 1), (8, 6, 2, 64, 255, 16)];

    private static (int T, int H, int K, int W, int Start, int Window)[] Prefills(bool quick) => quick
        ? [(13, 4, 2, 32, 100, 64)]
        : [(9, 2, 1, 32, 0, 0), (13, 4, 2, 32, 100, 64), (33, 16, 8, 256, 63, 256), (64, 4, 4, 96, 5, 0), (17, 16, 1, 512, 200, 0)];

    private static KernelCase Attention(string kernel, int T, int H, int K, int W, int start, int window, DType format, bool valuesOnly)
    {
        int seen = window == 0 ? start : Math.Min(start, window);
        return Case(
            kernel,
            $"{format}{(valuesOnly ? " values" : "")} {H}/{K} heads of {W}, {(window == 0 ? "full" : $"window {window}")}, T {T} at {start}",
            () =>
            {
                AttentionCase attention = AttentionCase.Draw(T, H, K, W, seen + T + 8, start, window, format, T + W + start, valuesOnly);
                return (Case: attention, Expected: attention.Expected());
            },
            (buffers, o) =>
            {
                (Action<IPass> body, BufferHandle y) = o.Case.Prepare(buffers, decode: kernel == nameof(AttentionDecode));
                return new(body, CheckedResult.Close("out", y, o.Expected, Tolerances.AttentionOn(buffers.Backend, format, kernel == nameof(AttentionDecode), valuesOnly), 8));
            });
    }

    private static KernelCase KvAppend(DType format, bool valuesOnly, int T, int K, int W, int R) => Case(
        nameof(Kernels.KvAppend),
        $"{format}{(valuesOnly ? " values" : "")} {K} heads of {W}, T {T} into {R}",
        () =>
        {
            int capacity = Math.Max(R, T);
            float[] key = DrawnValues.Of(T * K * W, 1), value = DrawnValues.Of(T * K * W, 2), before = OperandBuffers.Stored(DrawnValues.Of(K * capacity * W, 3), DType.F16);
            int[] positions = [.. Enumerable.Range(capacity + 3, T)];
            (float[] keys, float[] values) = ([.. before], [.. before]);
            Kernels.KvAppend.Reference(key, positions, keys, T, K, W, capacity);
            Kernels.KvAppend.Reference(value, positions, values, T, K, W, capacity);
            return (Key: key, Value: value, Before: before, Positions: positions, Keys: keys, Values: values, R: capacity);
        },
        (buffers, o) =>
        {
            BufferHandle? key = valuesOnly ? null : buffers.Floats(o.Key);
            BufferHandle value = buffers.Floats(o.Value), positions = buffers.Ints(o.Positions);
            (BufferHandle v, BufferHandle? vScales) = buffers.Cache(o.Before, format);
            (BufferHandle? k, BufferHandle? kScales) = valuesOnly ? (null, null) : buffers.Cache(o.Before, format);
            KvRows cache = new(k, v, o.R, kScales, vScales, valuesOnly ? RebuiltKeys.Draw(W, 0, o.R, 1, 4).On(buffers) : null);
            List<CheckedResult> results = [Stored("values", v, vScales, o.Values, format)];
            if (k is not null)
            {
                results.Add(Stored("keys", k, kScales, o.Keys, format));
            }

            return new(pass => pass.KvAppend(new(key, value, cache, positions, T, K, W)), [.. results]);
        });

    private static CheckedResult Stored(string name, BufferHandle rows, BufferHandle? scales, float[] expected, DType format) => scales is null
        ? CheckedResult.Close(name, rows, OperandBuffers.Stored(expected, format), default)
        : new CheckedResult(name, rows, read => Steps.Nearest(expected, read.Read<sbyte>(rows), read.Read<ushort>(scales)));
}
