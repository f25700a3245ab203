using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck.Xunit;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Planning;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>Properties of plans, and the plans of the 12B that are known by hand.</summary>
public sealed class MemoryPlannerTests
{
    private const long GiB = PlanRequests.GiB;

    [Property(MaxTest = 100)]
    public void Pieces_follow_each_other_without_gap_or_overlap_in_whole_rows_within_the_limit(Cutting cutting)
    {
        long[] pieces = [.. BufferSize.Pieces(cutting.Bytes, cutting.Row, cutting.Limit)];
        Assert.Equal(cutting.Bytes, pieces.Sum());
        Assert.All(pieces, piece => Assert.True(piece <= cutting.Limit));
        Assert.All(pieces[..^1], piece => Assert.Equal((0L, pieces[0]), (piece % cutting.Row, piece)));
        Assert.True(pieces.Length == 1 || pieces.All(piece => piece > 0));
    }

    [Fact]
    public void A_row_that_no_piece_holds_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => BufferSize.Pieces(100, 60, 50).ToArray());

    [Property(MaxTest = 100)]
    public void What_a_buffer_takes_is_aligned_and_never_less_for_more_bytes(DeviceKind kind, BufferBytes bytes, MoreBytes more)
    {
        DeviceMemory device = PlanRequests.Device(kind);
        long taken = device.Taken(new BufferSize("b", bytes.Value, 16));
        long larger = device.Taken(new BufferSize("b", bytes.Value + more.Value, 16));
        Assert.Equal(0, taken % device.Alignment);
        Assert.InRange(taken, Math.Max(1, bytes.Value), larger);
    }

    [Property(MaxTest = 20)]
    public void The_total_is_the_sum_of_the_items_and_of_what_is_allocated(DeviceKind kind, Context context, ChunkRows chunk)
    {
        DeviceMemory device = PlanRequests.Device(kind);
        PlanRequest request = PlanRequests.Full(device, 64 * GiB, context.Value) with { Chunk = chunk.Value };
        MemoryPlan plan = MemoryPlanner.Plan(request);
        Assert.Equal(plan.Items.Sum(item => item.Bytes), plan.TotalBytes);
        long mapped = PlannedWeight.Target(request.Model, request.Precision, device.ReadsMappedFiles, media: false)
            .Concat(PlannedWeight.Drafter(request.Drafter!, request.DrafterPrecision, device.ReadsMappedFiles)).Where(weight => weight.Mapped).Sum(weight => weight.Bytes);
        long scratch = plan[PlanItems.Scratch] + plan[PlanItems.Staging] + plan[PlanItems.Reserve];
        Assert.Equal(plan.TotalBytes, plan.Buffers.Sum(buffer => device.Taken(buffer)) + mapped + scratch);
        Assert.Equal(plan.Buffers.Count, plan.Buffers.Select(buffer => buffer.Name).Distinct().Count());
        Assert.All(plan.Items, item => Assert.True(item.Bytes > 0));
    }

    [Property(MaxTest = 20)]
    public void A_longer_context_never_takes_less_and_the_longest_that_fits_is_the_longest(DeviceKind kind, Context context, BudgetGiB budget)
    {
        DeviceMemory device = PlanRequests.Device(kind);
        long most = budget.Value * GiB;
        long Total(int positions) => MemoryPlanner.Plan(PlanRequests.Full(device, most, positions)).TotalBytes;
        Assert.True(Total(context.Value) <= Total(context.Value + 1));
        int longest = MemoryPlanner.Plan(PlanRequests.Full(device, most)).MaxContext;
        Assert.True(longest == 0 || Total(longest) <= most);
        Assert.True(longest == 262144 || Total(longest + 1) > most);
    }

    [Fact]
    public void Without_a_wish_the_context_is_the_longest_that_fits()
    {
        MemoryPlan plan = MemoryPlanner.Plan(PlanRequests.Full(PlanRequests.Plain, 10 * GiB));
        Assert.True(plan.Fits);
        Assert.Equal(plan.MaxContext, plan.Context);
        Assert.InRange(plan.MaxContext, 200_000, 262_144);
        MemoryPlan small = MemoryPlanner.Plan(PlanRequests.Full(PlanRequests.Plain, 6 * GiB));
        Assert.False(small.Fits);
        Assert.Equal((0, MemoryPlanner.LeastContext), (small.MaxContext, small.Context));
    }

    [Fact]
    public void A_context_beyond_the_models_is_refused()
    {
        GemmaVkException e = Assert.Throws<GemmaVkException>(() => MemoryPlanner.Plan(PlanRequests.Full(PlanRequests.Plain, GiB, 262145)));
        Assert.Contains("--context 262145: expected 1 to 262144, the model's max_position_embeddings", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1025)]
    [InlineData(int.MaxValue)]
    public void Conversations_are_counted_before_each_has_its_buffers(int sessions) => Assert.Contains(
        $"--sessions {sessions}: expected 1 to 1024 conversations at once",
        Assert.Throws<GemmaVkException>(() => MemoryPlanner.Plan(PlanRequests.Full(PlanRequests.Plain, GiB) with { Sessions = sessions })).Message,
        StringComparison.Ordinal);

    [Fact]
    public void The_default_of_a_16_GB_machine_is_everything_at_262144_positions()
    {
        PlanRequest request = PlanRequests.Full(PlanRequests.Device(256, 128 << 20, inPlace: false), 14 * GiB) with { Media = true };
        MemoryPlan plan = MemoryPlanner.Plan(request);
        Assert.True(plan.Fits);
        Assert.Equal(262144, plan.Context);
        // Values alone: half of what keys and values take.
        Assert.Equal(2 * GiB, plan[PlanItems.FullKv]);
        Assert.Equal(6_131_220_480, plan[PlanItems.Attention] + plan[PlanItems.FeedForward]);
        Assert.Equal(1_069_547_520, plan[PlanItems.Embedding]);
        Assert.Equal("", PlanChoice.Recommended(PlanChoice.All(request), request)!.Flags);
    }

    [Fact]
    public void Choices_hold_more_and_the_gentlest_that_is_enough_is_recommended()
    {
        PlanRequest full = PlanRequests.Full(PlanRequests.Plain, 8 * GiB, 30_000);
        PlanRequest request = full with { Precision = full.Precision with { FullKv = FullKvStorage.KeysAndValues } };
        IReadOnlyList<PlanChoice> choices = PlanChoice.All(request);
        Assert.Equal(
            [
                "", "--full-kv values", "--kv int8", "--drafter off", "--embedding int4",
                "--full-kv values --kv int8", "--full-kv values --kv int8 --drafter off", "--full-kv values --kv int8 --drafter off --embedding int4",
            ],
            choices.Select(choice => choice.Flags));
        Assert.All(choices.Skip(1), choice => Assert.True(choice.MaxContext > choices[0].MaxContext));
        Assert.Equal("--full-kv values", PlanChoice.Recommended(choices, request)!.Flags);
        GemmaVkException refused = PlanRefusal.Of(MemoryPlanner.Plan(request), request, "--budget");
        Assert.Contains("--context 30000 needs 8.", refused.Message, StringComparison.Ordinal);
        Assert.Contains("but there are 8.00 GiB (--budget)", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"--context {choices[0].MaxContext} fits as it is, and --full-kv values holds {choices[1].MaxContext} positions.", refused.Message, StringComparison.Ordinal);

        PlanRequest none = PlanRequests.Full(PlanRequests.Plain, 4 * GiB);
        Assert.Null(PlanChoice.Recommended(PlanChoice.All(none), none));
        Assert.Contains("no choice of formats fits", PlanRefusal.Of(MemoryPlanner.Plan(none), none, "--budget").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Embedders_and_measuring_are_counted_where_they_are_asked_for()
    {
        PlanRequest request = PlanRequests.Full(PlanRequests.Plain with { MeasuringBytes = 1000 }, 64 * GiB, 100);
        MemoryPlan without = MemoryPlanner.Plan(request);
        MemoryPlan with = MemoryPlanner.Plan(request with { Media = true, Measures = true });
        Assert.Equal((0, 0, 0), (without[PlanItems.Vision], without[PlanItems.Audio], without[PlanItems.Measuring]));
        Assert.Equal(2_457_600 * 2, with[PlanItems.Audio]);
        // BF16 matrices [3840, 6912] and [3840, 3840] and positions [1120, 2, 3840]; biases and norms are float32.
        long stored = (3840L * (6912 + 3840)) + (1120L * 2 * 3840);
        Assert.Equal((2 * stored) + (4 * (49_922_304 - stored)), with[PlanItems.Vision]);
        Assert.Equal(with.TotalBytes - without.TotalBytes, with[PlanItems.Vision] + with[PlanItems.Audio] + 1000);
    }
}
