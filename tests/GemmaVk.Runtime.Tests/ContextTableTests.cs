using System;
using System.Linq;
using GemmaVk.Model;
using GemmaVk.Runtime.Cache;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Planning;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>
/// Longest contexts of five plans in six budgets, as they were worked out on paper: weights, rings of 1536 slots, 0.35 GiB
/// for activations and scratch, and the full layers' cache in what is left. In thousands of positions.
/// </summary>
public sealed class ContextTableTests
{
    private const long GiB = PlanRequests.GiB;
    private static readonly double[] Budgets = [14, 12, 10, 8, 7.5, 7.25];

    /// <summary>Plan, embedding, drafter's head (null for no drafter), ring, base in GiB, cells "fp16/int8" in thousands (0: does not fit).</summary>
    public static TheoryData<string, DType, DType?, DType, double, string> Plans => new()
    {
        { "A", DType.BF16, DType.Q8, DType.F16, 8.85, "262/262 206/262 75/141 - - -" },
        { "B", DType.Q8, DType.Q8, DType.F16, 7.97, "262/262 262/262 133/250 1.9/3.6 - -" },
        { "C", DType.Q8, null, DType.F16, 7.62, "262/262 262/262 155/262 24.6/46 - -" },
        { "D", DType.Q4, DType.Q4, DType.Q8, 7.16, "262/262 262/262 186/262 55/104 22/42 6/11" },
        { "E", DType.Q4, null, DType.Q8, 6.94, "262/262 262/262 201/262 70/131 37/70 20.6/38.8" },
    };

    [Theory]
    [MemberData(nameof(Plans))]
    public void Contexts_are_those_of_the_table(string plan, DType embedding, DType? drafter, DType ring, double expectedBase, string cells)
    {
        long fixedBytes = Fixed(embedding, drafter, ring);
        // The table's base is rounded to a hundredth.
        Assert.InRange(fixedBytes / (double)GiB, expectedBase - 0.006, expectedBase + 0.006);
        string[] columns = cells.Split(' ');
        for (int i = 0; i < Budgets.Length; i++)
        {
            string[] cell = columns[i] == "-" ? ["0", "0"] : columns[i].Split('/');
            Check($"{plan} in {Budgets[i]} GiB, fp16", cell[0], Longest(fixedBytes, Budgets[i], DType.F16, valuesOnly: false));
            Check($"{plan} in {Budgets[i]} GiB, int8", cell[1], Longest(fixedBytes, Budgets[i], DType.Q8, valuesOnly: false));
        }
    }

    [Theory]
    [MemberData(nameof(Plans))]
    public void Values_alone_double_the_context(string plan, DType embedding, DType? drafter, DType ring, double expectedBase, string cells)
    {
        Assert.True(expectedBase > 0 && cells.Length > 0, plan);
        long fixedBytes = Fixed(embedding, drafter, ring);
        foreach (double budget in Budgets)
        {
            foreach (DType kv in new[] { DType.F16, DType.Q8 })
            {
                int both = Longest(fixedBytes, budget, kv, valuesOnly: false);
                Assert.InRange(Longest(fixedBytes, budget, kv, valuesOnly: true), Math.Min(2 * both, 262144), Math.Min((2 * both) + 1, 262144));
            }
        }
    }

    [Fact]
    public void With_seven_gibibytes_only_the_smallest_plan_fits()
    {
        long e = Fixed(DType.Q4, null, DType.Q8);
        Assert.True(Fixed(DType.Q4, DType.Q4, DType.Q8) > 7 * GiB);
        Check("E fp16", "4.2", Longest(e, 7, DType.F16, valuesOnly: false));
        Check("E int8", "8", Longest(e, 7, DType.Q8, valuesOnly: false));
        Check("E fp16, values", "8.5", Longest(e, 7, DType.F16, valuesOnly: true));
        Check("E int8, values", "16", Longest(e, 7, DType.Q8, valuesOnly: true));
    }

    private static void Check(string what, string thousands, int actual)
    {
        double expected = double.Parse(thousands, System.Globalization.CultureInfo.InvariantCulture) * 1000;
        // Cells were worked out from a base of two decimals, and are themselves rounded.
        double slack = thousands is "0" ? 0 : expected >= 262_000 ? 200 : (0.012 * GiB / (8 * 1024)) + (thousands.Contains('.', StringComparison.Ordinal) ? 50 : 500);
        Assert.True(Math.Abs(actual - expected) <= slack, $"{what}: {actual}, the table says {thousands}K");
    }

    private static int Longest(long fixedBytes, double budget, DType kv, bool valuesOnly)
    {
        long perPosition = LayerPlan.For(PlanRequests.Config).Where(layer => layer.SlidingWindow == 0)
            .Sum(layer => (valuesOnly ? 1 : 2) * QuantBlocks.MatrixBytes(kv, layer.NumKeyValueHeads, layer.HeadDim));
        return MemoryPlanner.LongestContext(context => fixedBytes + (context * perPosition), (long)(budget * GiB), PlanRequests.Config.MaxPositionEmbeddings);
    }

    private static long Fixed(DType embedding, DType? drafter, DType ring)
    {
        long weights = PlannedWeight.Target(CheckpointFacts.Assume(PlanRequests.Config), new Precision(Embedding: embedding), inPlace: false, media: true)
            .Sum(weight => weight.Spec.Role == TensorRole.Vector ? sizeof(ushort) * weight.Spec.Shape.Count : weight.Bytes);
        long drafting = drafter is null ? 0 : PlannedWeight.Drafter(CheckpointFacts.Assume(PlanRequests.DrafterConfig), new DrafterPrecision(DType.Q4, drafter), inPlace: false)
            .Sum(weight => weight.Bytes);
        long rings = LayerPlan.For(PlanRequests.Config).Where(layer => layer.SlidingWindow > 0)
            .Sum(layer => 2 * QuantBlocks.MatrixBytes(ring, layer.NumKeyValueHeads * (long)LayerKv.RowsOf(layer, 262144, 1536 - 1023 - DraftLength.Most), layer.HeadDim));
        return weights + drafting + rings + (long)(0.35 * GiB);
    }
}
