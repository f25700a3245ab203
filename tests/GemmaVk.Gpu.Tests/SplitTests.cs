using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using GemmaVk.Gpu.Kernels;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Gpu.Tests;

// Letters: T rows, N outputs, K columns, R rounds.

/// <summary>Products whose columns several subgroups share: no bit depends on how many, nor on anything else of a form, since the order of sums is one.</summary>
public sealed class SplitTests
{
    private const int N = 5;
    // So many outputs keep a GPU busy: their sums are one chain.
    private const int Many = 12288;
    private const int Pieces = 4;

    // One of each way in which columns are read; what else formats differ in is the same in every form.
    [Theory]
    [InlineData(DType.Q4, true)]
    [InlineData(DType.Q8F16, true)]
    [InlineData(DType.Q5K, true)]
    [InlineData(DType.Q6K, true)]
    [InlineData(DType.Q4, false)]
    [InlineData(DType.Q6K, false)]
    [InlineData(DType.F8E4M3, false)]
    [InlineData(DType.BF16, false)]
    [InlineData(DType.F32, false)]
    public void A_row_has_the_same_bits_whatever_shares_its_columns(DType format, bool quantised)
    {
        using TestBackend test = new(options => options with { AsSoftware = false });
        // One round and fewer rounds than pieces, for lanes up to eight; and pieces of several, none of them whole.
        foreach (int K in KBlocks.Has(format) ? (int[])[256, 512, 2304] : [32, 96, 544, 1632])
        {
            using FewRows rows = new(test, format, N, K, quantised);
            float[] whole = rows.Run(8, new(2, 64, Ahead: 1));
            Assert.Equal(whole, rows.Run(8, new(2, 128, Ahead: 2, Split: 4)));
            Assert.Equal(whole, rows.Run(8, new(1, 64, Ahead: 1, Split: 2)));
            Assert.Equal(whole[..N], rows.Run(1, new(2, 64, Ahead: 1, Split: 4)));
            Assert.Equal(whole[..N], rows.Run(1, new(1, 64, Ahead: 4, Split: 2)));
        }
    }

    [Theory]
    [InlineData(DType.Q4, true, "")]
    [InlineData(DType.BF16, false, "")]
    [InlineData(DType.Q4, true, "subgroup=64")]
    public void So_has_each_of_one_to_eight_rows(DType format, bool quantised, string pretend)
    {
        using TestBackend test = new(options => options with { AsSoftware = false, Pretend = PretendedLacks.Parse(pretend) });
        // More tiles than a workgroup has at once, the last of them not whole.
        using FewRows rows = new(test, format, 67, 1312, quantised);
        float[] whole = rows.Run(8);
        for (int T = 1; T <= 8; T++)
        {
            foreach (uint split in (uint[])[1, 2, 4])
                Assert.Equal(whole[..(T * 67)], rows.Run(T, new(2, 256, Ahead: 2, Split: split)));
        }
    }

    [Theory]
    [InlineData(DType.Q8, true, N)]
    [InlineData(DType.Q8, true, Many)]
    [InlineData(DType.F32, false, N)]
    [InlineData(DType.F32, false, Many)]
    public void The_order_of_sums_is_what_the_shader_says(DType format, bool quantised, int outputs)
    {
        using TestBackend test = new(options => options with { AsSoftware = false });
        // Weights are one, and one column of each item of the first lane is not zero: products are exact, and there is nothing to add from other lanes.
        int lanes = test.Device.Features.SubgroupSize, item = quantised ? QuantBlocks.GroupSize : 8;
        bool differ = false;
        foreach (int R in (int[])[1, 3, 7, 18])
        {
            int K = R * lanes * item;
            SeededMatrix ones = new(format, outputs, K);
            Fill(ones);
            Random random = new(R);
            float[] x = new float[8 * K], terms = new float[R];
            for (int round = 0; round < R; round++)
                terms[round] = x[round * lanes * item] = (random.NextSingle() + 0.1f) * MathF.ScaleB(1, random.Next(8));
            using FewRows rows = new(test, ones, x, quantised);
            if (quantised)
            {
                float[] units = test.Read(rows.X.Scale!);
                terms = [.. Enumerable.Range(0, R).Select(round => units[round * lanes] * 127)];
            }

            float chain = terms.Aggregate(0f, (sum, term) => sum + term), pieces = Added(terms);
            differ |= chain != pieces;
            Assert.All(rows.Run(1), value => Assert.Equal(outputs == Many ? chain : pieces, value));
        }

        Assert.True(differ, "both orders give the same bits");
    }

    [Fact]
    public void Queries_keys_and_values_at_once_have_the_bits_of_each_alone()
    {
        using TestBackend test = new(options => options with { AsSoftware = false });
        const int T = 3, K = 1312;
        // Where the first one alone is wide, each is a product of its own.
        foreach (int[] outputs in (int[][])[[40, 9, 17], [Many, 9, 17]])
        {
            using FewRows rows = new(test, DType.Q4, N, K, quantised: true);
            WeightMatrix[] w = [.. outputs.Select(count => test.Backend.Place(new SeededMatrix(DType.Q4, count, K)))];
            BufferHandle[] y = [.. outputs.Select(count => test.Backend.Allocate("y", DType.F32, new Shape(T * count)))];
            test.Run(pass =>
            {
                for (int i = 0; i < 3; i++)
                    pass.MatVec(new(rows.X, w[i], y[i], T));
            });
            float[][] expected = [.. y.Select(test.Read)];
            (string module, uint cols, _, _) = test.Backend.FormsOf(new(rows.X, w[1], y[1], T));
            foreach (uint split in (uint[])[1, 2, 4])
            {
                Array.ForEach(y, each => test.Backend.Write<float>(each, new float[each.Shape.Count]));
                test.Backend.Tuning.Try(module, cols, new ProductForm(2, 64, Ahead: 1, Split: split));
                test.Run(pass => pass.MatVecQkv(new(rows.X, w[0], w[1], w[2], y[0], y[1], y[2], T)));
                test.Backend.Tuning.Try(module, cols, null);
                Assert.Equal(expected, y.Select(test.Read));
            }

            Array.ForEach(w, each => each.Dispose());
            Array.ForEach(y, each => each.Dispose());
        }
    }

    [Fact]
    public void A_gated_product_of_few_outputs_has_the_bits_of_its_two()
    {
        using TestBackend test = new(options => options with { AsSoftware = false });
        const int T = 3, F = 96, K = 1312;
        using WeightMatrix gate = test.Backend.Place(new SeededMatrix(DType.BF16, F, K)), up = test.Backend.Place(new SeededMatrix(DType.BF16, F, K));
        using BufferHandle gates = test.Backend.Allocate("gate", DType.F32, new Shape(T * F)), ups = test.Backend.Allocate("up", DType.F32, new Shape(T * F));
        using BufferHandle y = test.Backend.Allocate("y", DType.F32, new Shape(T * F));
        using FewRows rows = new(test, DType.BF16, N, K, quantised: false);
        test.Run(pass =>
        {
            pass.MatVec(new(rows.X, gate, gates, T));
            pass.MatVec(new(rows.X, up, ups, T));
            pass.GeGlu(new(gates, ups, y, T, F));
        });
        float[] expected = test.Read(y);
        test.Run(pass => pass.MatVecGeGlu(new(rows.X, gate, up, gates, ups, new Activations(y), DType.BF16, T)));
        Assert.Equal(expected, test.Read(y));
    }

    [Theory]
    [InlineData("")]
    [InlineData("subgroup=64,shared-memory=32768")]
    [InlineData("subgroup=128,shared-memory=32768")]
    public void Forms_are_those_that_the_device_can_run(string pretend)
    {
        using TestBackend test = new(options => options with { AsSoftware = false, Pretend = PretendedLacks.Parse(pretend) }), software = new(options => options with { AsSoftware = true });
        using FewRows few = new(test, DType.Q4, N, 544, quantised: true), many = new(test, DType.Q4, Many, 32, quantised: true), other = new(software, DType.Q4, N, 32, quantised: true);
        uint subgroup = (uint)test.Device.Features.SubgroupSize;
        foreach (int T in (int[])[1, 2, 3, 8])
        {
            ProductForm[] forms = test.Backend.FormsOf(few.Sample(T)).Others;
            Assert.Equal(subgroup == 128 ? [1, 2] : (uint[])[1, 2, 4], forms.Select(form => form.Split).Distinct().Order());
            Assert.All(forms, form => Assert.True(form.LocalSize >= form.Split * subgroup && form.LocalSize <= 256, $"{form}"));
            // So few that a new card's first seconds are enough for one row.
            Assert.InRange(forms.Length, 1, 20);
            Assert.All([.. test.Backend.FormsOf(many.Sample(T)).Others, .. software.Backend.FormsOf(other.Sample(T)).Others], form => Assert.Equal(1u, form.Split));
        }

        // What was measured elsewhere and cannot run here is not run.
        float[] usual = few.Run(8);
        Assert.Equal(usual, few.Run(8, new(2, 64, Ahead: 1, Split: 4)));
        Assert.Equal(usual, few.Run(8, new(8, 256, Ahead: 1, Split: 2)));
        Assert.Equal(other.Run(1), other.Run(1, new(2, 64, Split: 4)));
    }

    [Fact]
    public void What_was_measured_is_said_and_kept()
    {
        using TemporaryFolder folder = new();
        ProductForm form = new(2, 128, Ahead: 2, Split: 4);
        Assert.Equal("2 rows, workgroups of 128, 2 rounds ahead, columns split over 4 subgroups", form.ToString());
        TuningTable table = new(), other = new();
        table.Keep("x", 1, new(form, 1, 2));
        TuningFile file = new(folder.Path, "x", null);
        file.Write(table);
        file.ReadInto(other);
        Assert.Equal(KeyValuePair.Create(("x", 1u), new Tuned<ProductForm>(form, 1, 2)), Assert.Single(other.Forms));
        File.WriteAllText(file.Path, File.ReadAllText(file.Path).Replace("\"split\": 4", "\"split\": 8", StringComparison.Ordinal));
        TuningTable none = new();
        file.ReadInto(none);
        Assert.Empty(none.Forms);
    }

    private static void Fill(SeededMatrix matrix)
    {
        if (matrix.Format == DType.F32)
            MemoryMarshal.Cast<byte, float>(matrix.Data.AsSpan()).Fill(1);
        else
            matrix.Data.AsSpan().Fill(1);
        matrix.Scales.AsSpan().Fill(BFloat16.FromSingle(1));
    }

    /// <summary>Pieces of the rounds, each from zero, then one after the other.</summary>
    private static float Added(float[] terms)
    {
        float sum = 0;
        for (int piece = 0; piece < Pieces; piece++)
        {
            float part = 0;
            for (int round = Border(piece); round < Border(piece + 1); round++)
                part += terms[round];
            sum += part;
        }

        return sum;
        int Border(int piece) => ((piece * terms.Length) + Pieces - 1) / Pieces;
    }
}
