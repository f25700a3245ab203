using System;
using System.Collections.Generic;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Model;
using GemmaVk.Runtime;
using GemmaVk.Weights;
using Microsoft.Extensions.Logging;

namespace GemmaVk;

// A device that is new here is measured before it is used.
public sealed partial class GemmaEngine
{
    private static readonly TimeSpan TuningTime = TimeSpan.FromSeconds(2);

    /// <summary>Calls by which forms of attention can be measured: the model's, and those of the drafter over the model's caches.</summary>
    /// <param name="everyFormat">Also caches of the numbers that this model does not run with.</param>
    public IReadOnlyList<AttentionSample> AttentionSamples(bool everyFormat) => AttentionSamples(Model, _drafting.Checkpoint, everyFormat);

    private static IReadOnlyList<AttentionSample> AttentionSamples(GemmaModel model, DrafterCheckpoint? drafter, bool everyFormat) =>
        model.AttentionSamples(everyFormat, drafter is null ? null : DrafterPlan.For(drafter.Config, model.Config));

    /// <summary>On a GPU that no model has run on yet: a short look at which forms of kernels are fast there.</summary>
    private static void Tune(EngineOptions options, GemmaModel model, DrafterCheckpoint? drafter, ILogger log)
    {
        IBackend backend = model.Backend;
        if (!options.Tune || backend.Device.Backend != "vulkan" || backend.Memory.IsSoftware || backend.Tuned.Count > 0)
        {
            return;
        }

        options.Notice?.Invoke($"{backend.Device.Name} is new here: for at most {(int)TuningTime.TotalSeconds} s the fastest forms of kernels are measured ('gemmavk tune' measures all of them, --no-tune none)");
        int measured = backend.Tune(model.ProductSamples(), TuningTime, again: false, options.TuningProgress, model.FlatSamples(), AttentionSamples(model, drafter, everyFormat: false));
        log.LogInformation("tuning: {Count} forms of kernels measured", measured);
    }
}
