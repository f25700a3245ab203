using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Model;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Forward;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Planning;

/// <summary>What else could be run in the same budget.</summary>
/// <param name="Flags">What to add to the command line; empty for what was asked.</param>
/// <param name="MaxContext">Most positions that fit then, at most what the model allows; 0 where nothing fits.</param>
/// <param name="TotalBytes">Bytes of the plan for <paramref name="Context"/> positions.</param>
/// <param name="Context">Positions asked for, or the longest that fits.</param>
public sealed record PlanChoice(string Flags, int MaxContext, long TotalBytes, int Context)
{
    /// <summary>A context that is worth changing formats for, where none was asked for.</summary>
    public const int EnoughContext = 32768;

    // In this order they cost the least first: speed, then a little accuracy, then more of it.
    private static readonly (string Flags, Func<PlanRequest, PlanRequest?> Apply)[] Changes =
    [
        ("--kv fp16", request => request.Precision.Kv == DType.F32 ? With(request, request.Precision with { Kv = DType.F16 }) : null),
        ("--full-kv values", request => KeepsKeys(request) ? With(request, request.Precision with { FullKv = FullKvStorage.Values }) : null),
        ("--kv int8", request => request.Precision.Kv == DType.F16 ? With(request, request.Precision with { Kv = DType.Q8 }) : null),
        ("--drafter off", request => request.Drafter is null ? null : request with { Drafter = null, DrafterBuffers = [] }),
        ("--weights int4", request => Linears(request) == DType.Q4 ? null : With(request, request.Precision with { Linears = DType.Q4 })),
        ("--embedding int4", request => request.Precision.Embedding == DType.Q4 ? null : With(request, request.Precision with { Embedding = DType.Q4 })),
    ];

    /// <summary>What was asked for, then each change alone, then more and more of them together.</summary>
    public static IReadOnlyList<PlanChoice> All(PlanRequest request)
    {
        List<PlanChoice> choices = [Of("", request)];
        PlanRequest together = request;
        List<string> flags = [];
        List<PlanChoice> joined = [];
        foreach ((string flag, Func<PlanRequest, PlanRequest?> apply) in Changes)
        {
            if (apply(request) is not { } changed || apply(together) is not { } further)
            {
                continue;
            }

            choices.Add(Of(flag, changed));
            flags.Add(flag);
            together = further;
            if (flags.Count > 1)
            {
                joined.Add(Of(string.Join(' ', flags), together));
            }
        }

        return [.. choices, .. joined];
    }

    /// <summary>
    /// The first that holds the context asked for (without one, 32,768 positions or all of the model's); else the one that
    /// holds most. Null where none holds anything.
    /// </summary>
    public static PlanChoice? Recommended(IReadOnlyList<PlanChoice> choices, PlanRequest request)
    {
        int wanted = request.Context ?? Math.Min(EnoughContext, request.Model.Config.MaxPositionEmbeddings);
        return choices.FirstOrDefault(choice => choice.MaxContext >= wanted)
            ?? (choices.MaxBy(choice => choice.MaxContext) is { MaxContext: > 0 } most ? most : null);
    }

    private static PlanChoice Of(string flags, PlanRequest request)
    {
        MemoryPlan plan = MemoryPlanner.Plan(request);
        return new PlanChoice(flags, plan.MaxContext, plan.TotalBytes, plan.Context);
    }

    private static PlanRequest With(PlanRequest request, Precision precision) => request with { Precision = precision };

    private static bool KeepsKeys(PlanRequest request) =>
        request.Precision.FullKv == FullKvStorage.KeysAndValues && LayerPlan.For(request.Model.Config).Any(Precision.CanKeepValuesOnly);

    private static DType? Linears(PlanRequest request) =>
        request.Precision.Linears ?? request.Model.Tensors.First(tensor => tensor.Spec.Role == TensorRole.Linear).Format;
}
