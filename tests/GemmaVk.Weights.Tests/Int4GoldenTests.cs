using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using GemmaVk.Tensors;
using GemmaVk.Weights.Repack;
using Xunit;

namespace GemmaVk.Weights.Tests;

// Letters: N rows, K columns.

/// <summary>The published INT4 products (ops/int4.safetensors): the file's words decode as Q4 without repacking.</summary>
public class Int4GoldenTests
{
    [Theory]
    [InlineData("8x32x17")]
    [InlineData("64x3840x3")]
    [InlineData("3840x160x2")]
    [InlineData("33x15360x1")]
    public void StoredWordsGiveThePublishedProducts(string name)
    {
        int[] sizes = [.. name.Split('x').Select(size => int.Parse(size, CultureInfo.InvariantCulture))];
        (int N, int K, int count) = (sizes[0], sizes[1], sizes[2]);
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(Repository.Golden("ops"), "int4.safetensors"));
        float[] weights = new float[N * K];
        Rows.ToSingle(DType.Q4, file.Bytes(file.Tensors[$"{name}.packed"]), MemoryMarshal.Cast<byte, ushort>(file.Bytes(file.Tensors[$"{name}.scale"])), K, weights);
        float[] x = MemoryMarshal.Cast<byte, float>(file.Bytes(file.Tensors[$"{name}.x"])).ToArray();
        float[] y = MemoryMarshal.Cast<byte, float>(file.Bytes(file.Tensors[$"{name}.y"])).ToArray();
        double scale = y.Max(Math.Abs);
        for (int t = 0; t < count; t++)
        {
            for (int r = 0; r < N; r++)
            {
                double sum = 0;
                for (int c = 0; c < K; c++)
                {
                    sum += (double)weights[(r * K) + c] * x[(t * K) + c];
                }

                // The published product was summed in float32: its own rounding is all that may differ.
                Assert.Equal(sum, y[(t * N) + r], 1e-5 * scale);
            }
        }
    }
}
