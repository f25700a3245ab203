using System;
using System.Linq;
using System.Runtime.InteropServices;
using FsCheck.Xunit;
using GemmaVk.Cpu;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;
using GemmaVk.Runtime.Forward;
using GemmaVk.Shared;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Runtime.Tests;

// Letters: T rows of activations, V rows of the head, D its columns.

/// <summary>A head that is looked through by a smaller copy draws what the whole head draws.</summary>
public sealed class HeadOutlineTests
{
    private const int V = 8192 + 7, D = 96;

    private static readonly CpuBackend _backend = new();

    private static readonly int[] _suppressed = [3, 700, V - 1];

    [Property(MaxTest = 25)]
    public void Draws_are_those_of_the_whole_head(Seed seed) => Check(seed, V, seed.Pick(1, 2, 4, 8));

    /// <summary>With as many rows as the sampling that a model recommends asks for, the least of them is found among as many blocks.</summary>
    [Fact]
    public void Sixty_four_candidates_are_found()
    {
        Outlined outlined = new(11, 64 * 1024, 64, DType.BF16, HeadKind.Peaked);
        outlined.Compare(1, 64, 30, new Sample.Choice(Temperature: 1, TopK: 60, TopP: 0.95f, Seed: 5), quantise: false);
        Assert.Equal((1, 0), outlined.Counts);
    }

    /// <summary>What stands out is found without the rest: the point of it all.</summary>
    [Theory]
    [InlineData(DType.BF16, false)]
    [InlineData(DType.F32, false)]
    [InlineData(DType.Q8, true)]
    [InlineData(DType.Q8, false)]
    public void Few_rows_are_read_where_some_stand_out(DType format, bool quantise)
    {
        Outlined outlined = new(5, V, D, format, HeadKind.Peaked);
        for (int T = 1; T <= RowOutline.MostRows; T++)
        {
            outlined.Compare(T, 4, 30, default, quantise);
        }

        Assert.Equal((RowOutline.MostRows, 0), outlined.Counts);
        Assert.InRange(outlined.RowsRead, RowOutline.MostRows, RowOutline.MostRows * 400);
    }

    /// <summary>Where all rows are equal nothing can be left out: after a few looks the whole head is read at once, for longer each time.</summary>
    [Fact]
    public void What_proves_nothing_is_left_alone()
    {
        Outlined outlined = new(5, V, D, DType.Q8, HeadKind.Equal);
        for (int i = 0; i < 60; i++)
        {
            outlined.Compare(1, 1, null, default, quantise: true);
        }

        Assert.Equal(0, outlined.Counts.Proven);
        Assert.Equal(4, outlined.Counts.Unproven);
    }

    [Fact]
    public void Activations_that_are_not_finite_are_drawn_by_the_whole_head()
    {
        foreach (float wrong in new[] { float.NaN, float.PositiveInfinity, 3e38f })
        {
            Outlined outlined = new(5, V, D, DType.BF16, HeadKind.Peaked) { Wrong = wrong };
            outlined.Compare(2, 4, 30, default, quantise: false);
            Assert.Equal((0, 0), outlined.Counts);
        }
    }

    [Fact]
    public void The_rule_says_which_draws_look_at_all_logits()
    {
        PassPart Part(Sample.Choice? choice, bool masked = false) => new([], 0, 1, choice, masked);
        Assert.Equal(1, HeadOutlines.Largest([Part(default(Sample.Choice))], 0));
        Assert.Equal(3, HeadOutlines.Largest([Part(default(Sample.Choice))], 2));
        Assert.Equal(66, HeadOutlines.Largest([Part(new Sample.Choice(1, TopK: 64, TopP: 0.95f)), Part(default(Sample.Choice))], 2));
        Assert.Equal(0, HeadOutlines.Largest([Part(new Sample.Choice(1, TopK: 0, TopP: 0.95f))], 2));
        Assert.Equal(0, HeadOutlines.Largest([Part(default(Sample.Choice)), Part(null)], 2));
        Assert.Equal(0, HeadOutlines.Largest([Part(default(Sample.Choice), masked: true)], 2));
    }

    [Fact]
    public void Only_what_pays_is_made_unasked()
    {
        DeviceMemory cpu = _backend.Memory, other = cpu with { TakesOutlines = false };
        Assert.Equal(DType.Q8, HeadOutlines.Format(HeadOutline.Auto, DType.BF16, 262144, cpu));
        Assert.Null(HeadOutlines.Format(HeadOutline.Auto, DType.BF16, 1024, cpu));
        Assert.Null(HeadOutlines.Format(HeadOutline.Auto, DType.Q8, 262144, cpu));
        Assert.Equal(DType.Q4, HeadOutlines.Format(HeadOutline.On, DType.Q8, 1024, cpu));
        Assert.Null(HeadOutlines.Format(HeadOutline.On, DType.Q4, 262144, cpu));
        Assert.Null(HeadOutlines.Format(HeadOutline.On, DType.BF16, 262144, other));
        Assert.Null(HeadOutlines.Format(HeadOutline.Off, DType.BF16, 262144, cpu));
        foreach (HeadOutline wish in Enum.GetValues<HeadOutline>())
        {
            foreach (DType head in new[] { DType.BF16, DType.Q8, DType.Q4 })
            {
                Assert.Equal(HeadOutlines.Format(wish, head, 262144, cpu) is null, HeadOutlines.Reason(wish, head, 262144, cpu).StartsWith("read whole", StringComparison.Ordinal));
            }
        }
    }

    private static void Check(int seed, int rows, int largest)
    {
        Random random = new(seed);
        DType format = ((DType[])[DType.BF16, DType.F32, DType.Q8])[random.Next(3)];
        Outlined outlined = new(seed, rows, D, format, (HeadKind)random.Next(Enum.GetValues<HeadKind>().Length));
        bool quantise = format == DType.Q8 && random.Next(2) == 0;
        float? cap = ((float?[])[null, 30, 1e-3f, 1e6f])[random.Next(4)];
        Sample.Choice choice = largest == 1 || random.Next(3) == 0 ? default : new Sample.Choice(((float[])[0.1f, 1, 3])[random.Next(3)], TopK: largest, TopP: 0.5f + (random.NextSingle() / 2), Seed: (ulong)seed);
        outlined.Compare(1 + random.Next(RowOutline.MostRows), largest, cap, choice, quantise);
    }

    /// <summary>Kinds of heads.</summary>
    private enum HeadKind
    {
        Random,
        Peaked,
        Ties,
        NearTies,
        Equal,
        Huge,
        Tiny,
        Zero,
        Negative,
        Mixed,
    }

    /// <summary>A head with and without its outline.</summary>
    private sealed class Outlined(int seed, int V, int D, DType format, HeadKind kind)
    {
        private readonly Drawn _rows = new(seed, V, D, format, kind);
        private RowOutline? _outline;

        public float? Wrong { get; init; }

        public (long Proven, long Unproven) Counts => _outline!.Counts;

        public long RowsRead => _outline!.RowsRead;

        public void Compare(int T, int largest, float? cap, Sample.Choice choice, bool quantise)
        {
            using OperandBuffers buffers = new(_backend);
            WeightMatrix head = buffers.Place(_rows);
            _outline ??= HeadOutlines.Place(_rows, _backend, head, RowOutline.FormatFor(format)!.Value);
            // Rows begin behind two others.
            const int First = 2;
            float[] x = _rows.Activations(First + T);
            if (Wrong is { } wrong)
            {
                x[(First * D) + 5] = wrong;
            }

            Activations rows = new(buffers.Floats(x));
            if (quantise)
            {
                Activations steps = new(buffers.Empty(DType.I8, (First + T) * D), buffers.Empty(DType.F32, (First + T) * D / 32), buffers.Empty(DType.F32, (First + T) * D / 32));
                buffers.Run(pass => pass.QuantizeRows(new(rows.Data, steps, format, First + T, D)));
                rows = steps;
            }

            (float[] whole, int[] wholeIds) = Draw(buffers, head, rows, null, T, largest, cap, choice);
            (float[] some, int[] someIds) = Draw(buffers, head, rows, _outline, T, largest, cap, choice);
            Assert.Equal(wholeIds, someIds);
            for (int t = 0; t < T; t++)
            {
                float least = whole.Skip(t * V).Take(V).OrderDescending().ElementAt(largest - 1);
                for (int i = t * V; i < (t + 1) * V; i++)
                {
                    if (BitConverter.SingleToInt32Bits(whole[i]) != BitConverter.SingleToInt32Bits(some[i]))
                    {
                        Assert.True(float.IsNegativeInfinity(some[i]) && whole[i] < least, $"row {t}, result {i % V}: {whole[i]} became {some[i]}, and {least} matters ({kind}, {format})");
                    }
                }
            }
        }

        private (float[] Results, int[] Ids) Draw(OperandBuffers buffers, WeightMatrix head, Activations rows, RowOutline? outline, int T, int largest, float? cap, Sample.Choice choice)
        {
            BufferHandle y = buffers.Empty(DType.F32, T * V), capped = buffers.Empty(DType.F32, T * V), ids = buffers.Empty(DType.I32, T);
            BufferHandle positions = buffers.Ints([.. Enumerable.Range(seed % 100, T)]), suppress = buffers.Ints(_suppressed);
            int suppressed = largest > 4 ? 0 : _suppressed.Length;
            buffers.Run(pass =>
            {
                pass.MatVec(new(rows, head, y, T, 2, outline, largest + suppressed, cap));
                pass.SoftCap(new(y, capped, cap ?? 1e30f, T * V));
                pass.Sample(new(cap is null ? y : capped, suppress, suppressed, positions, ids, T, V, choice));
            });
            // Suppressed results were overwritten where nothing caps them.
            float[] results = buffers.Read(y);
            for (int t = 0; t < T && suppressed > 0; t++)
            {
                Array.ForEach(_suppressed, id => results[(t * V) + id] = float.NegativeInfinity);
            }

            return (results, buffers.Read<int>(ids));
        }
    }

    /// <summary>Rows of a kind, in a format.</summary>
    private sealed class Drawn(int seed, int V, int D, DType format, HeadKind kind) : MatrixSource
    {
        private readonly float[]?[] _made = new float[]?[V];

        public override string Name => "head";

        public override DType Format => format;

        public override int Rows => V;

        public override int Columns => D;

        /// <summary>Rows that point where some of the head's rows do.</summary>
        public float[] Activations(int count)
        {
            float[] x = new float[count * D];
            Random random = new(seed + 1);
            for (int t = 0; t < count; t++)
            {
                // Large rows stand out where something points at them.
                float[] row = Row(kind == HeadKind.Peaked ? 17 + (4001 * random.Next(2)) : random.Next(V));
                float size = row.Max(MathF.Abs) is var largest and > 0 ? 1 / largest : 1;
                for (int k = 0; k < D; k++)
                {
                    x[(t * D) + k] = kind == HeadKind.Zero && t % 2 == 0 ? 0 : (row[k] * size) + (0.3f * (random.NextSingle() - 0.5f));
                }
            }

            return x;
        }

        public override void ReadRows(int first, int count, Span<byte> data, Span<ushort> scale)
        {
            for (int r = 0; r < count; r++)
            {
                float[] row = Row(first + r);
                switch (format)
                {
                    case DType.F32:
                        row.CopyTo(MemoryMarshal.Cast<byte, float>(data)[(r * D)..]);
                        break;
                    case DType.BF16:
                        for (int k = 0; k < D; k++)
                        {
                            MemoryMarshal.Cast<byte, ushort>(data)[(r * D) + k] = BFloat16.FromSingle(row[k]);
                        }

                        break;
                    default:
                        for (int g = 0; g < D / 32; g++)
                        {
                            float absmax = row.Skip(g * 32).Take(32).Max(MathF.Abs);
                            ushort bits = absmax < 1e-36f ? (ushort)0 : BFloat16.FromSingle(absmax / 120);
                            scale[(r * (D / 32)) + g] = bits;
                            for (int k = g * 32; k < (g + 1) * 32; k++)
                            {
                                data[(r * D) + k] = (byte)(sbyte)(bits == 0 ? 0 : Math.Clamp(MathF.Round(row[k] / BFloat16.ToSingle(bits)), -127, 127));
                            }
                        }

                        break;
                }
            }
        }

        private float[] Row(int n) => _made[n] ??= Make(n);

        private float[] Make(int n)
        {
            // The rows of a tie are a few that come again and again.
            int same = kind switch { HeadKind.Ties or HeadKind.NearTies => n % 37, HeadKind.Equal => 0, _ => n };
            Random random = new((seed * 7919) + same);
            float size = kind switch
            {
                HeadKind.Huge => 1e17f,
                HeadKind.Tiny => 1e-30f,
                HeadKind.Zero => n % 3 == 0 ? 1 : 0,
                HeadKind.Peaked => n % 4001 == 17 ? 20 : 1,
                HeadKind.Mixed => MathF.Pow(10, random.Next(-20, 12)),
                _ => 1,
            };
            float[] row = new float[D];
            for (int k = 0; k < D; k++)
            {
                row[k] = size * ((2 * random.NextSingle()) - (kind == HeadKind.Negative ? 2 : 1));
            }

            if (kind == HeadKind.NearTies)
            {
                row[n % D] += ((n / 37 % 5) - 2) * 1e-6f;
            }

            return row;
        }
    }
}
