using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Gpu.Tests;

// Letters: T rows in this pass, H query heads, K KV heads, W head width, R rows of the cache.

/// <summary>Every form of attention that measuring may choose: the bounds of the usual one, and the same bits for a row in any company.</summary>
public sealed class AttentionFormTests
{
    [Theory]
    [InlineData(true, "")]
    [InlineData(false, "")]
    [InlineData(false, "subgroup=16,shared-memory=32768")]
    public void Few_rows_are_right_in_every_form_and_keep_their_bits(bool software, string pretend)
    {
        using TestBackend test = new(options => options with { AsSoftware = software, Pretend = PretendedLacks.Parse(pretend) });
        // Sixteen heads over many blocks, a window that wraps, a cache smaller than any block, heads that share nothing.
        Assert.True(EachForm(test, DType.Q8, valuesOnly: true, decode: true, (8, 16, 1, 32, 600, 0, 640)) > 1);
        _ = EachForm(test, DType.F16, valuesOnly: false, decode: true, (4, 4, 2, 32, 700, 256, 300), (5, 4, 2, 32, 3, 0, 9));
        _ = EachForm(test, DType.F32, valuesOnly: false, decode: true, (3, 2, 2, 32, 300, 1, 20));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Many_rows_are_right_in_every_form_and_keep_their_bits(bool software)
    {
        using TestBackend test = new(options => options with { AsSoftware = software, Matrices = false });
        _ = EachForm(test, DType.F16, valuesOnly: true, decode: false, (19, 2, 1, 64, 300, 0, 340));
        Assert.True(EachForm(test, DType.Q8, valuesOnly: false, decode: false, (33, 2, 1, 32, 290, 64, 130), (9, 2, 1, 32, 0, 0, 11)) > 1);
    }

    [MatrixTheory]
    [InlineData(DType.F16, false, "")]
    [InlineData(DType.Q8, true, "shared-memory=32768")]
    public void On_matrix_units_too(DType format, bool valuesOnly, string pretend)
    {
        using TestBackend units = TestBackend.AsGpu(options => options with { Pretend = PretendedLacks.Parse(pretend) });
        int window = valuesOnly ? 0 : 200;
        Assert.True(EachForm(units, format, valuesOnly, decode: true, (3, 16, 1, 32, 400, window, 420), (2, 16, 1, 32, 40, 0, 50)) > 1);
        Assert.True(EachForm(units, format, valuesOnly, decode: false, (18, 2, 1, 32, 200, window, 240)) > 1);
    }

    [Fact]
    public void A_form_that_is_none_here_leaves_the_usual_one()
    {
        using TestBackend test = new(options => options with { AsSoftware = false, Matrices = false });
        foreach (bool decode in (bool[])[true, false])
        {
            AttentionCase each = AttentionCase.Draw(decode ? 4 : 12, 4, 2, 32, 80, 50, 0, DType.F16, 1);
            using OperandBuffers buffers = new(test.Backend);
            string heads = test.Backend.FormsOf(each.Call(buffers)).Heads;
            Assert.Equal($"attention_{(decode ? "decode" : "prefill")}_f16, 2 heads of 32", heads);
            float[] usual = each.Run(buffers, decode);
            // More heads than share keys, a block that shared memory has no room for, no matrix units, another kernel's form.
            foreach (AttentionForm form in (AttentionForm[])[
                new(false, 4, 1, Groups: 512), new(false, 2, 4, Groups: 512), new(true, 0, 32, 8, 32, 256), new(true, 32, 64, 4), new(false, 2, 1)])
            {
                test.Backend.Tuning.Keep(heads, new(form, 1, 1));
                Assert.Equal(usual, each.Run(buffers, decode));
            }
        }
    }

    [Fact]
    public void A_form_is_taken_for_its_heads_alone_whether_rows_are_quantised_or_not()
    {
        using TestBackend test = new(options => options with { AsSoftware = false, Matrices = false });
        AttentionCase each = AttentionCase.Draw(2, 8, 1, 64, 900, 850, 0, DType.F16, 3);
        using OperandBuffers buffers = new(test.Backend);
        float[] usual = each.Run(buffers, decode: true), prefill = each.Run(buffers, decode: false);
        (string heads, AttentionForm first, _) = test.Backend.FormsOf(each.Call(buffers));
        test.Backend.Tuning.Keep(heads, new(first with { Groups = first.Groups / 4, Keys = 4 }, 1, 1));
        float[] other = each.Run(buffers, decode: true);
        Assert.NotEqual(usual, other);
        Assert.Equal(prefill, each.Run(buffers, decode: false));
        int count = each.T * each.H * each.W;
        (Action<IPass> body, BufferHandle y) = each.Prepare(buffers, decode: true, rows: (buffers.EmptyRows(count), DType.Q8));
        buffers.Run(body);
        Assert.Equal(other, buffers.Read(y));
    }

    /// <summary>Runs cases of the same heads in each form, and says how many different results there were.</summary>
    private static int EachForm(TestBackend test, DType format, bool valuesOnly, bool decode, params (int T, int H, int K, int W, int Start, int Window, int R)[] cases)
    {
        HashSet<string> results = [];
        using OperandBuffers buffers = new(test.Backend);
        AttentionCase[] drawn = [.. cases.Select(c => AttentionCase.Draw(c.T, c.H, c.K, c.W, c.R, c.Start, c.Window, format, c.T + c.W, valuesOnly))];
        (string heads, AttentionForm usual, AttentionForm[] others) = test.Backend.FormsOf(drawn[0].Call(buffers));
        Assert.True(others.Length >= 2, heads);
        Assert.DoesNotContain(usual, others);
        foreach (AttentionForm form in others.Prepend(usual))
        {
            Assert.True(form.IsSound, form.ToString());
            test.Backend.Tuning.Keep(heads, new(form, 1, 1));
            foreach (AttentionCase each in drawn)
            {
                float[] whole = each.Run(buffers, decode);
                Discrepancy found = Discrepancy.Of(each.Expected(), whole, Tolerances.AttentionOn(test.Backend, format, decode, valuesOnly), [8]);
                Assert.True(found.Holds, $"{form}, {each}: {found}");
                if (each == drawn[0])
                    results.Add(string.Join(' ', whole));
                int row = each.H * each.W;
                foreach ((int first, int count) in decode ? ((int, int)[])[(0, 1), (each.T - 1, 1), (1, each.T - 1)] : [(3, Math.Min(6, each.T - 3))])
                    Assert.Equal(whole[(first * row)..((first + count) * row)], each.Rows(first, count).Run(buffers, decode));
            }
        }

        return results.Count;
    }
}
