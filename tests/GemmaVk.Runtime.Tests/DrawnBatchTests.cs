using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using FsCheck.Xunit;
using GemmaVk.Gpu;
using GemmaVk.Gpu.Tuning;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>
/// Each answer is the same beside others as alone, however they join, stop, run full or are cancelled: ids, reason to stop, and the
/// session it leaves. What is loaded serves all cases of a property.
/// </summary>
public sealed class DrawnBatchTests : IDisposable
{
    private static readonly Sample.Choice Warm = new(Temperature: 1.3f, TopK: 40, TopP: 0.95f);
    private TinyPair? _pair;

    public void Dispose() => _pair?.Dispose();

    [Property(MaxTest = 1)]
    public void On_the_oracles(AnswerPlan[] plans) => Compare("reference", quantised: false, drafts: null, [.. plans.Take(3)]);

    [Property(MaxTest = 12)]
    public void On_the_CPU(AnswerPlan[] plans) => Compare("cpu", quantised: false, drafts: null, plans);

    [Property(MaxTest = 5)]
    public void On_the_CPU_with_integers_and_drafts(AnswerPlan[] plans) => Compare("cpu", quantised: true, drafts: 2, plans);

    [Property(MaxTest = 5)]
    public void On_the_CPU_with_integers_and_none(AnswerPlan[] plans) => Compare("cpu", quantised: true, drafts: 0, plans);

    /// <summary>In the usual forms of attention first, then in some that measuring may choose.</summary>
    [Property(MaxTest = 2)]
    public void On_Vulkan_with_drafts(AnswerPlan[] plans, int form)
    {
        if (_pair is { } loaded)
        {
            VulkanBackend vulkan = (VulkanBackend)loaded.Backend;
            foreach (AttentionSample sample in loaded.Model.AttentionSamples())
            {
                using AttentionCalls calls = sample.Open();
                (string heads, _, AttentionForm[] others) = vulkan.FormsOf(calls.Calls[0]);
                vulkan.Tuning.Keep(heads, new(others[(form & int.MaxValue) % others.Length], 1, 1));
            }

            Assert.Contains(vulkan.Tuned, tuned => tuned.Module.StartsWith("attention_decode", StringComparison.Ordinal));
        }

        Compare("vulkan", quantised: false, drafts: 3, [.. plans.Take(5)]);
    }


    [Fact]
    public void Ten_at_once_take_turns() => Compare(
        "cpu", quantised: false, drafts: null, [.. Enumerable.Range(0, 10).Select(i => new AnswerPlan(9 + i, 12, 50, Greedy: i % 2 == 0, Stops: [], Cancel: 0, Seed: i))]);

    private void Compare(string device, bool quantised, int? drafts, AnswerPlan[] plans)
    {
        _pair ??= new TinyPair(device, quantised ? new(Linears: DType.Q4, Embedding: DType.Q8, QuantiseActivations: true) : new Precision(), drafts: drafts is 0 ? null : drafts);
        DraftRun[] runs = [.. plans.Take(10).Select(plan => new DraftRun(
            DraftRun.Ids(plan.Prompt, plan.Seed), plan.Most, plan.Greedy ? default : Warm with { Seed = (ulong)plan.Seed }, plan.Prompt + plan.Room, plan.Stops, plan.Cancel))];
        (Generation Answer, Session Session)[] alone = [.. runs.Select(run => Alone(_pair.Model, run))];
        // The least bound: prompts come in the shortest pieces there are.
        using ContinuousBatch batch = new(_pair.Model, drafts is 0 ? null : _pair.Drafter) { PrefillTime = TimeSpan.FromTicks(1) };
        Session[] sessions = [.. runs.Select(run => _pair.Model.NewSession(run.Context))];
        Task<Generation>[] answers = [.. runs.Select((run, user) => Start(batch, sessions[user], run))];
        Assert.True(Task.WaitAll(answers, TimeSpan.FromMinutes(2)), "answers that never end");
        for (int user = 0; user < runs.Length; user++)
        {
            Assert.Equal(alone[user].Answer.Ids, answers[user].Result.Ids);
            Assert.Equal(alone[user].Answer.Stop, answers[user].Result.Stop);
            DraftRun.AssertSame(alone[user].Session, sessions[user]);
            alone[user].Session.Dispose();
            sessions[user].Dispose();
        }
    }

    private static (Generation Answer, Session Session) Alone(GemmaModel model, DraftRun run)
    {
        Session session = model.NewSession(run.Context);
        return (run.Generate(model, null, session), session);
    }

    private static Task<Generation> Start(ContinuousBatch batch, Session session, DraftRun run)
    {
        CancellationTokenSource cancel = new();
        int left = run.Cancel;
        return batch.Generate(
            session,
            new PromptRows(run.Prompt),
            new GenerationOptions(run.Most, run.Choice, run.Stops.ToHashSet()),
            _ =>
            {
                if (--left == 0)
                {
                    cancel.Cancel();
                }
            },
            cancel.Token);
    }
}
