using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Planning;

/// <summary>The sentence for a plan that does not fit: what it needs, what there is, and what would fit.</summary>
public static class PlanRefusal
{
    /// <summary>Says it.</summary>
    /// <param name="plan">The plan that does not fit.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="source">Where the budget comes from, in words.</param>
    public static GemmaVkException Of(MemoryPlan plan, PlanRequest request, string source)
    {
        if (plan.TooLarge is { } buffer)
        {
            return new GemmaVkException($"{OneBuffer(buffer, request)}; {Nearest(request)} 'gemmavk plan' shows every item.");
        }

        long kv = plan[PlanItems.SlidingKv] + plan[PlanItems.FullKv];
        long weights = new[]
        {
            PlanItems.Attention, PlanItems.FeedForward, PlanItems.Norms, PlanItems.Embedding, PlanItems.Vision, PlanItems.Audio, PlanItems.Drafter,
        }.Sum(name => plan[name]);
        return new GemmaVkException(string.Create(
            CultureInfo.InvariantCulture,
            $"{(request.Context is null ? "the model with a context of" : "--context")} {plan.Context}{(request.Sessions == 1 ? "" : $" for {request.Sessions} conversations (--sessions)")} needs {Size(plan.TotalBytes)} "
            + $"(weights {Size(weights)}, KV {Size(kv)}, the rest {Size(plan.TotalBytes - weights - kv)}), but there are {Size(plan.BudgetBytes)} ({source}); "
            + $"{Nearest(request)} 'gemmavk plan' shows every item."));
    }

    /// <summary>A buffer beyond the device's limit, in words.</summary>
    public static string OneBuffer(BufferSize buffer, PlanRequest request) =>
        $"{buffer.Name} needs {Size(buffer.Bytes)} in one buffer, and {request.Device.Name} gives at most {Size(request.Device.MaxBufferBytes)} in one";

    /// <summary>Bytes in the unit that suits them: <c>7.97 GiB</c>, <c>480.0 MiB</c>, <c>29.0 KiB</c>.</summary>
    public static string Size(long bytes) => bytes switch
    {
        >= 1 << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 30):F2} GiB"),
        >= 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):F1} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:F1} KiB"),
    };

    private static string Nearest(PlanRequest request)
    {
        IReadOnlyList<PlanChoice> choices = PlanChoice.All(request);
        List<string> fitting = [];
        if (choices[0].MaxContext > 0)
        {
            fitting.Add(string.Create(CultureInfo.InvariantCulture, $"--context {choices[0].MaxContext} fits as it is"));
        }

        if (PlanChoice.Recommended(choices, request) is { Flags.Length: > 0 } other && other.MaxContext > choices[0].MaxContext)
        {
            fitting.Add(string.Create(CultureInfo.InvariantCulture, $"{other.Flags} holds {other.MaxContext} positions"));
        }

        return fitting.Count > 0
            ? $"{string.Join(", and ", fitting)}."
            : $"no choice of formats fits: {Size(choices.Min(choice => choice.TotalBytes))} is the least.";
    }
}
