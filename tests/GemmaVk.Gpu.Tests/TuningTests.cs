using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Gpu.Tests;

/// <summary>Forms of products, which change no bit, and of attention: the fastest is kept for the device, and a damaged file is none.</summary>
public sealed class TuningTests
{
    private const int N = 100;
    // More than four rounds of groups, the last of them not whole, for subgroups of 8 lanes.
    private const int K = 1056;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_form_gives_the_same_bits(bool software)
    {
        using TestBackend test = new(options => options with { AsSoftware = software });
        foreach (int T in (int[])[1, 3, 8, 20])
        {
            using Products products = new(test, T);
            float[] usual = products.Run();
            (string module, uint cols, ProductForm first, ProductForm[] forms) = test.Backend.FormsOf(products.Sample);
            Assert.Contains(first, (ProductForm[])[.. forms, first]);
            Assert.True(forms.Length >= 3);
            // Compiling takes most of the time, so a GPU's many forms are not all run.
            foreach (ProductForm form in forms.Where(each => software || each.Ahead == 0 || each.Split > 1 || (each.Rows != 2 && each.LocalSize == 64)))
            {
                test.Backend.Tuning.Try(module, cols, form);
                Assert.Equal(usual, products.Run());
            }

            test.Backend.Tuning.Try(module, cols, null);
        }
    }

    [Fact]
    public void What_was_measured_is_there_in_the_next_process_and_a_damaged_file_is_none()
    {
        using TemporaryFolder folder = new();
        List<string> log = [];
        GpuOptions At(GpuOptions options) => options with { CacheDirectory = folder.Path, Log = log.Add };
        IReadOnlyList<TunedKernel> measured;
        using (TestBackend test = new(At))
        {
            using Products one = new(test, 1), many = new(test, 12);
            Assert.Equal(0, test.Backend.Tune([one.Sample], TimeSpan.Zero, again: false));
            Assert.Empty(Directory.GetFiles(folder.Path, "tuning-*"));
            Assert.Equal(2, test.Backend.Tune([one.Sample, many.Sample, one.Sample], TimeSpan.MaxValue, again: false));
            Assert.Equal(0, test.Backend.Tune([one.Sample], TimeSpan.MaxValue, again: false));
            // All that was tried can be looked at: the usual form and the others of both products.
            Assert.Equal(
                ((Products[])[one, many]).Sum(products => test.Backend.FormsOf(products.Sample) is var (_, _, usual, others) ? others.Append(usual).Distinct().Count() : 0), test.Backend.Measured.Count);
            measured = test.Backend.Tuned;
            Assert.Equal(["mat_mul_q4_i8", "mat_vec_q4_i8"], measured.Select(tuned => tuned.Module));
            Assert.All(measured, tuned => Assert.InRange(tuned.Microseconds, 0.1, tuned.UsualMicroseconds));
        }

        using (TestBackend next = new(At))
            Assert.Equal(measured, next.Backend.Tuned);
        using (TestBackend without = new(options => At(options) with { Tuning = false }))
            Assert.Empty(without.Backend.Tuned);

        string path = Assert.Single(Directory.GetFiles(folder.Path, "tuning-*"));
        string whole = File.ReadAllText(path);
        foreach (string damaged in (string[])["", whole[..(whole.Length / 2)], "[]", whole.Replace("\"rows\": ", "\"rows\": 3", StringComparison.Ordinal), whole.Replace("\"version\": 4", "\"version\": 3", StringComparison.Ordinal), "{\"version\":4,\"forms\":[{}],\"attention\":[]}", "{\"version\":4,\"forms\":[]}", whole.Replace("\"split\": 1", "\"split\": 3", StringComparison.Ordinal)])
        {
            File.WriteAllText(path, damaged);
            log.Clear();
            TuningTable table = new();
            new TuningFile(folder.Path, Path.GetFileNameWithoutExtension(path)["tuning-".Length..], log.Add).ReadInto(table);
            Assert.Empty(table.Forms);
            Assert.Contains("damaged", Assert.Single(log), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Attention_is_measured_and_there_in_the_next_process_and_half_of_a_file_is_none_of_it()
    {
        using TemporaryFolder folder = new();
        List<string> log = [];
        GpuOptions At(GpuOptions options) => options with { CacheDirectory = folder.Path, Log = log.Add };
        AttentionCase few = AttentionCase.Draw(1, 4, 2, 32, 300, 280, 0, DType.F16, 1), many = AttentionCase.Draw(12, 4, 2, 32, 300, 280, 0, DType.F16, 1);
        IReadOnlyList<TunedKernel> measured;
        float[] row;
        using (TestBackend test = new(At))
        {
            using OperandBuffers buffers = new(test.Backend);
            int opened = 0, closed = 0;
            AttentionSample Of(AttentionCase each, long bytes = 1 << 20) => new(each.Format, false, each.T, each.H, each.K, each.W, bytes, () =>
            {
                opened++;
                return new AttentionCalls([each.Call(buffers)], null, DType.Q8, [new Closing(() => closed++)]);
            });
            Assert.All(
                test.Backend.Variants.Where(variant => variant.Kernel.StartsWith("Attention", StringComparison.Ordinal)),
                variant => Assert.EndsWith("; in the usual form, since none was measured here", variant.Reason, StringComparison.Ordinal));
            // No time, and no room.
            Assert.Equal(0, test.Backend.Tune([], TimeSpan.Zero, again: false, attention: [Of(few)]));
            AttentionCase other = AttentionCase.Draw(1, 4, 2, 32, 300, 280, 0, DType.Q8, 1);
            Assert.Equal(0, test.Backend.Tune([], TimeSpan.MaxValue, again: false, attention: [.. from each in (AttentionCase[])[few, other, many] select Of(each, long.MaxValue)]));
            Assert.Equal(0, opened);
            // Numbers that the model's own cache does not have come last.
            Assert.Equal(
                ["tuning attention_decode_f16, 2 heads of 32", "tuning attention_prefill_f16, 2 heads of 32", "tuning attention_decode_q8, 2 heads of 32"],
                log.Where(line => line.Contains("are needed for a cache", StringComparison.Ordinal)).Select(line => line.Split(':')[0]));
            Assert.Equal(2, test.Backend.Tune([], TimeSpan.MaxValue, again: false, attention: [Of(few), Of(many), Of(few)]));
            Assert.Equal(0, test.Backend.Tune([], TimeSpan.MaxValue, again: false, attention: [Of(few), Of(many)]));
            Assert.Equal((2, 2), (opened, closed));
            Assert.Equal(((AttentionCase[])[few, many]).Sum(each => test.Backend.FormsOf(each.Call(buffers)).Others.Length + 1), test.Backend.Measured.Count);
            measured = test.Backend.Tuned;
            foreach (string kernel in (string[])[nameof(AttentionDecode), nameof(AttentionDecodeQuantize), nameof(AttentionPrefill)])
            {
                string why = test.Backend.Variants.Single(variant => variant.Kernel == kernel).Reason;
                Assert.Matches("; (1 of 1 measured here in another form than the usual one, up to [0-9.]+ times as fast|1 measured here, the usual form is the fastest)$", why);
            }

            Assert.Equal([("attention_decode_f16, 2 heads of 32", 0), ("attention_prefill_f16, 2 heads of 32", 0)], measured.Select(tuned => (tuned.Module, tuned.Cols)));
            Assert.All(measured, tuned => Assert.InRange(tuned.Microseconds, 0.1, tuned.UsualMicroseconds));
            row = few.Run(buffers, decode: true);
        }

        using (TestBackend next = new(At))
        {
            Assert.Equal(measured, next.Backend.Tuned);
            using OperandBuffers buffers = new(next.Backend);
            Assert.Equal(row, few.Run(buffers, decode: true));
        }

        string path = Assert.Single(Directory.GetFiles(folder.Path, "tuning-*"));
        string whole = File.ReadAllText(path);
        foreach ((string name, string wrong) in ((string, string)[])[("queries", "3"), ("keys", "16"), ("groups", "4294967295"), ("subgroups", "-1"), ("turn", "5"), ("microseconds", "0"), ("module", "null"), ("matrix", "1")])
        {
            File.WriteAllText(path, System.Text.RegularExpressions.Regex.Replace(whole, $"\"{name}\": [^,\n]+", $"\"{name}\": {wrong}"));
            log.Clear();
            TuningTable table = new();
            new TuningFile(folder.Path, Path.GetFileNameWithoutExtension(path)["tuning-".Length..], log.Add).ReadInto(table);
            Assert.Empty(table.Attention);
            Assert.Contains("damaged", Assert.Single(log), StringComparison.Ordinal);
        }
    }

    [LinuxFact]
    public void A_pipe_in_the_files_place_is_not_waited_at()
    {
        using TemporaryFolder folder = new();
        List<string> log = [];
        TuningFile file = new(folder.Path, "x", log.Add);
        System.Diagnostics.Process.Start("mkfifo", [file.Path]).WaitForExit();
        Assert.True(Task.Run(() => file.ReadInto(new TuningTable())).Wait(TimeSpan.FromMinutes(1)), "it waits for somebody who writes");
        Assert.Contains("damaged (0 bytes)", Assert.Single(log), StringComparison.Ordinal);
    }

    [Fact]
    public void Workgroups_of_kernels_between_products_are_measured_and_change_no_bit()
    {
        using TemporaryFolder folder = new();
        using TestBackend test = new(options => options with { CacheDirectory = folder.Path });
        const int count = 5 * 96;
        using BufferHandle gate = test.Filled<float>(DType.F32, [.. Enumerable.Range(0, count).Select(i => MathF.Sin(i))]), up = test.Filled<float>(DType.F32, [.. Enumerable.Range(0, count).Select(i => MathF.Cos(i))]);
        using BufferHandle y = test.Backend.Allocate("y", DType.F32, new Shape(count));
        Activations rows = new(
            test.Backend.Allocate("quantised", DType.I8, new Shape(5, 96)), test.Backend.Allocate("scale", DType.F32, new Shape(5, 3)), test.Backend.Allocate("sum", DType.F32, new Shape(5, 3)));
        FlatSample[] samples =
        [
            new(nameof(GeGlu), pass => pass.GeGlu(new(gate, up, y, 5, 96))), new(nameof(QuantizeRows), pass => pass.QuantizeRows(new(gate, rows, DType.Q4, 5, 96))),
        ];
        float[] usual = Run();
        foreach (uint size in (uint[])[32, 64, 128, 256])
        {
            foreach (string module in (string[])["ge_glu", "quantize_rows"])
            {
                test.Backend.Tuning.Try(module, 1, new ProductForm(1, size));
                Assert.Equal(usual, Run());
            }
        }

        test.Backend.Tuning.Try("", 0, null);
        Assert.Equal(2, test.Backend.Tune([], TimeSpan.MaxValue, again: false, flat: samples));
        Assert.Equal(["ge_glu", "quantize_rows"], test.Backend.Tuned.Select(tuned => tuned.Module));
        Assert.Equal(usual, Run());
        rows.Data.Dispose();
        rows.Scale!.Dispose();
        rows.Sum!.Dispose();

        float[] Run()
        {
            foreach (FlatSample sample in samples)
            {
                test.Run(sample.Record);
            }

            return [.. test.Read(y), .. test.Read(rows.Scale!), .. test.Read(rows.Sum!)];
        }
    }

    [Fact]
    public void Measuring_that_is_broken_off_leaves_the_file_as_it_was()
    {
        using TemporaryFolder folder = new();
        using TestBackend test = new(options => options with { CacheDirectory = folder.Path });
        using Products one = new(test, 1), many = new(test, 12);
        Assert.Equal(1, test.Backend.Tune([one.Sample], TimeSpan.MaxValue, again: false));
        string path = Assert.Single(Directory.GetFiles(folder.Path, "tuning-*"));
        byte[] kept = File.ReadAllBytes(path);
        float[] usual = many.Run();
        Assert.Throws<OperationCanceledException>(() => test.Backend.Tune([one.Sample, many.Sample], TimeSpan.MaxValue, again: true, (done, _) =>
        {
            if (done == 1)
                throw new OperationCanceledException();
        }));
        Assert.Equal(kept, File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(folder.Path, "tuning-*"));
        Assert.Equal(usual, many.Run());
    }

    private sealed class Closing(Action close) : IDisposable
    {
        public void Dispose() => close();
    }

    /// <summary>Rows, weights and room for the result.</summary>
    private sealed class Products : IDisposable
    {
        private readonly TestBackend test;
        private readonly BufferHandle[] buffers;

        public Products(TestBackend test, int T)
        {
            this.test = test;
            BufferHandle x = test.Filled<float>(DType.F32, [.. Enumerable.Range(0, T * K).Select(i => MathF.Sin(i * 0.7f))]);
            Activations rows = new(
                test.Backend.Allocate("quantised", DType.I8, new Shape(T, K)),
                test.Backend.Allocate("scale", DType.F32, new Shape(T, K / QuantBlocks.GroupSize)),
                test.Backend.Allocate("sum", DType.F32, new Shape(T, K / QuantBlocks.GroupSize)));
            Sample = new(rows, test.Backend.Place(new SeededMatrix(DType.Q4, N, K)), test.Backend.Allocate("y", DType.F32, new Shape(T * N)), T);
            test.Run(pass => pass.QuantizeRows(new(x, rows, DType.Q4, T, K)));
            buffers = [x, rows.Data, rows.Scale!, rows.Sum!, Sample.Y];
        }

        public ProductSample Sample { get; }

        public float[] Run()
        {
            test.Run(pass =>
            {
                if (Sample.T <= MatVec.MaxRows)
                    pass.MatVec(new(Sample.X, Sample.W, Sample.Y, Sample.T));
                else
                    pass.MatMul(new(Sample.X, Sample.W, Sample.Y, Sample.T));
            });
            return test.Read(Sample.Y);
        }

        public void Dispose()
        {
            Sample.W.Dispose();
            Array.ForEach(buffers, buffer => buffer.Dispose());
        }
    }
}
