using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck.Xunit;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Forward;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>
/// Drafts change nothing, however an answer begins and ends: the tiny pair has random weights, so that its drafter is nearly always
/// wrong. What it loads serves all cases of a property.
/// </summary>
public sealed class DrawnDraftTests : IDisposable
{
    private static readonly Sample.Choice Warm = new(Temperature: 1.3f, TopK: 40, TopP: 0.95f);
    private readonly Dictionary<int, Drafter> _drafters = [];
    private TinyPair? _pair;

    public void Dispose()
    {
        foreach (Drafter drafter in _drafters.Values)
        {
            drafter.Dispose();
        }

        _pair?.Dispose();
    }

    [Property(MaxTest = 40)]
    public void On_the_CPU(AnswerPlan plan, DraftChoice choice) => Compare("cpu", quantised: false, plan, choice);

    [Property(MaxTest = 40)]
    public void On_the_CPU_with_integers(AnswerPlan plan, DraftChoice choice) => Compare("cpu", quantised: true, plan, choice);

    [Property(MaxTest = 4)]
    public void On_Vulkan(AnswerPlan plan, DraftChoice choice) => Compare("vulkan", quantised: false, plan, choice);

    [Property(MaxTest = 4)]
    public void On_Vulkan_with_integers(AnswerPlan plan, DraftChoice choice) => Compare("vulkan", quantised: true, plan, choice);

    [Theory]
    [InlineData("cpu", false)]
    [InlineData("cpu", true)]
    [InlineData("vulkan", false)]
    [InlineData("vulkan", true)]
    public void Some_drafts_are_refused(string device, bool quantised)
    {
        DraftStats stats = Compare(device, quantised, new AnswerPlan(Prompt: 20, Most: 12, Room: 40, Greedy: true, Stops: [], Cancel: 0, Seed: 3), new DraftChoice(4));
        Assert.True(stats.Drafts > stats.Kept, "no draft was ever refused");
    }

    private DraftStats Compare(string device, bool quantised, AnswerPlan plan, DraftChoice choice)
    {
        _pair ??= new TinyPair(device, quantised ? new(Linears: DType.Q4, Embedding: DType.Q8, QuantiseActivations: true) : new Precision());
        if (!_drafters.TryGetValue(choice.Length, out Drafter? drafter))
        {
            _drafters[choice.Length] = drafter = _pair.Drafts(choice.Length == 0 ? null : choice.Length);
        }

        DraftRun run = new(
            DraftRun.Ids(plan.Prompt, plan.Seed), plan.Most, plan.Greedy ? default : Warm with { Seed = (ulong)plan.Seed }, plan.Prompt + plan.Room, plan.Stops, plan.Cancel);
        return run.Compare(_pair.Model, drafter);
    }
}
