using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Runtime.Planning;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using Microsoft.Extensions.AI;
using Xunit;

namespace GemmaVk.Tests;

/// <summary>More callers than there is room for: they wait, or are refused with the numbers, as asked.</summary>
public sealed class AdmissionTests
{
    private const int Long = 4096;
    private static readonly ChatOptions Brief = new() { Temperature = 0, MaxOutputTokens = 4 };

    [Fact]
    public async Task A_caller_too_many_is_refused_with_the_numbers()
    {
        using GemmaEngine engine = Load(longestQueue: 1);
        using SessionPool pool = new(engine, 256);
        GemmaSession first = await pool.Take(PromptRows.None);
        Task<GemmaSession> second = pool.Take(PromptRows.None);
        Assert.Equal((1, 1), pool.Load);
        EngineBusyException refused = await Assert.ThrowsAsync<EngineBusyException>(() => pool.Take(PromptRows.None));
        Assert.Equal((1, 1), (refused.Running, refused.Waiting));
        Assert.Contains("1 of 1 conversations are being answered and 1 wait", refused.Message, StringComparison.Ordinal);
        Assert.Contains("iB of ", refused.Message, StringComparison.Ordinal);
        pool.Return(first);
        pool.Return(await second);
        Assert.Equal((0, 0), pool.Load);
    }

    [Fact]
    public async Task Without_a_queue_the_second_call_is_refused_at_once()
    {
        using GemmaEngine engine = Load(longestQueue: 0);
        using GemmaChatClient client = new(engine, 256);
        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("What are you?", Brief))
        {
            await Assert.ThrowsAsync<EngineBusyException>(() => client.GetResponseAsync("What are you?", Brief));
        }

        Assert.NotEmpty((await client.GetResponseAsync("What are you?", Brief)).Text);
    }

    [Fact]
    public async Task A_caller_who_stops_waiting_leaves_the_queue()
    {
        using GemmaEngine engine = Load(longestQueue: 1);
        using SessionPool pool = new(engine, 256);
        GemmaSession first = await pool.Take(PromptRows.None);
        using CancellationTokenSource cancel = new();
        Task<GemmaSession> waiting = pool.Take(PromptRows.None, cancel: cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal((1, 0), pool.Load);
        pool.Return(first);
        pool.Return(await pool.Take(PromptRows.None));
    }

    [Fact]
    public async Task Two_that_together_exceed_the_plan_come_one_after_the_other()
    {
        // Planned for two conversations of 256 positions; those that come are far longer, and there is memory for one and a half.
        long budget = Budget(conversations: 1.5);
        using GemmaEngine engine = GemmaEngine.Load(
            new EngineOptions { Model = Repository.Pebble, Device = "cpu", Sessions = 2, Context = 256, ImageTokens = 0, SharedPrefixBytes = 0, Budget = budget });
        using SessionPool pool = new(engine, Long);
        GemmaSession first = await pool.Take(PromptRows.None);
        Task<GemmaSession> second = pool.Take(PromptRows.None);
        Assert.Equal(1, pool.Load.Taken);
        Assert.False(second.IsCompleted);
        pool.Return(first);
        Assert.Same(first, await second);
        pool.Return(first);
    }

    [Fact]
    public async Task One_that_never_fits_is_refused_and_not_waited_for()
    {
        long budget = Budget(conversations: 0.9);
        using GemmaEngine engine = GemmaEngine.Load(
            new EngineOptions { Model = Repository.Pebble, Device = "cpu", Context = 256, ImageTokens = 0, Budget = budget });
        using SessionPool pool = new(engine, Long);
        EngineBusyException refused = await Assert.ThrowsAsync<EngineBusyException>(() => pool.Take(PromptRows.None));
        Assert.Contains($"a session of {Long} positions needs", refused.Message, StringComparison.Ordinal);
        Assert.Equal((0, 0), pool.Load);
    }

    /// <summary>Memory for the model and so many long conversations.</summary>
    private static long Budget(double conversations)
    {
        MemoryPlan plan = MemoryPlanner.Plan(EnginePlan.Ask(
            new EngineOptions { Model = Repository.Pebble, Device = "cpu", Context = Long, ImageTokens = 0 }, out _));
        long cache = plan[PlanItems.SlidingKv] + plan[PlanItems.FullKv];
        return plan.TotalBytes + (long)((conversations - 1) * cache);
    }

    private static GemmaEngine Load(int? longestQueue) =>
        GemmaEngine.Load(new EngineOptions { Model = Repository.Pebble, Device = "cpu", Context = 256, ImageTokens = 0, LongestQueue = longestQueue });
}
