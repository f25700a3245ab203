using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using GemmaVk.Runtime.Drafting;

namespace GemmaVk.Shared;

public static partial class Arbitraries
{
    /// <summary>Devices with alignments, largest pieces, and reading from mapped files or not.</summary>
    public static Arbitrary<DeviceKind> DeviceKinds
    {
        get
        {
            Arbitrary<long> alignment = Draw.OneOf(1L, 64, 256, 4096), piece = Draw.OneOf(long.MaxValue, 128 << 20, (16 << 20) + 16, 1L << 20);
            Gen<DeviceKind> kinds = from a in alignment.Generator from p in piece.Generator from inPlace in Gen.Elements(true, false) select new DeviceKind(a, p, inPlace);
            return Arb.From(kinds, kind => alignment.Shrinker(kind.Alignment).Select(a => kind with { Alignment = a })
                .Concat(piece.Shrinker(kind.Piece).Select(p => kind with { Piece = p })));
        }
    }

    public static Arbitrary<BufferBytes> BufferBytes => Draw.Between(0, 1 << 28).Convert(value => new BufferBytes(value), bytes => bytes.Value);

    public static Arbitrary<MoreBytes> MoreBytes => Draw.Between(0, 1 << 20).Convert(value => new MoreBytes(value), bytes => bytes.Value);

    public static Arbitrary<Context> Contexts => Draw.Between(1, 262143).Convert(value => new Context(value), context => context.Value);

    public static Arbitrary<ChunkRows> ChunkRows => Draw.OneOf(1, 64, 512).Convert(value => new ChunkRows(value), chunk => chunk.Value);

    public static Arbitrary<BudgetGiB> Budgets => Draw.Between(7, 14).Convert(value => new BudgetGiB(value), budget => budget.Value);

    public static Arbitrary<PromptLength> PromptLengths => Draw.Between(1, 70).Convert(value => new PromptLength(value), length => length.Value);

    public static Arbitrary<DraftedTokens> DraftedTokens => Draw.Between(1, 8).Convert(value => new DraftedTokens(value), count => count.Value);

    /// <summary>Each length of drafts, and the one that follows how many are kept.</summary>
    public static Arbitrary<DraftChoice> DraftChoices => Draw.Between(0, DraftLength.Most).Convert(value => new DraftChoice(value), choice => choice.Length);

    public static Arbitrary<Cutting> Cuttings
    {
        get
        {
            Arbitrary<int> row = Draw.OneOf(1, 2, 7, 16, 100, 4096), limit = Draw.OneOf(65536, 5000, 4096);
            Gen<Cutting> cuttings = from bytes in Gen.Choose(0, 100_000) from r in row.Generator from most in limit.Generator select new Cutting(bytes, r, most);
            return Arb.From(cuttings, cutting => Draw.Nearer(0, cutting.Bytes).Select(bytes => cutting with { Bytes = bytes })
                .Concat(row.Shrinker(cutting.Row).Select(r => cutting with { Row = r })));
        }
    }

    /// <summary>Answers with every way to end: at a stop token, the longest, the end of the context, or cancelled.</summary>
    public static Arbitrary<AnswerPlan> AnswerPlans
    {
        get
        {
            Gen<AnswerPlan> plans =
                from prompt in Gen.Choose(1, 60)
                from most in Gen.Choose(1, 49)
                from room in Gen.Choose(1, 59)
                from greedy in Gen.Elements(true, false)
                from stops in Draw.List(0, 39, Draw.Between(0, 511)).Generator
                from cancel in Gen.Frequency((2, Gen.Constant(0)), (1, Gen.Choose(1, 19)))
                from seed in Gen.Choose(0, 1_000_000)
                select new AnswerPlan(prompt, most, room, greedy, stops, cancel, seed);
            return Arb.From(plans, plan => Draw.Nearer(1, plan.Prompt).Select(prompt => plan with { Prompt = prompt })
                .Concat(Draw.Nearer(1, plan.Most).Select(most => plan with { Most = most }))
                .Concat(plan.Stops.Length > 0 ? [plan with { Stops = [] }] : Array.Empty<AnswerPlan>())
                .Concat(plan.Cancel > 0 ? [plan with { Cancel = 0 }] : Array.Empty<AnswerPlan>())
                .Concat(plan.Greedy ? [] : [plan with { Greedy = true }]));
        }
    }

    /// <summary>Every mixture of log-probabilities, biases and penalties; biases are large enough that some tokens come again and again.</summary>
    public static Arbitrary<LogitPlan> LogitPlans
    {
        get
        {
            Gen<LogitPlan> plans =
                from top in Gen.Frequency((1, Gen.Constant(-1)), (3, Gen.Choose(0, 20)))
                from bias in Draw.List(0, 9, Draw.Between(0, 511)).Generator
                from size in Gen.Elements(-100, -5, 6, 12, 100)
                from presence in Gen.Elements(0, 0.5f, -2, 2)
                from frequency in Gen.Elements(0, 0.7f, -0.3f, 2)
                from repetition in Gen.Elements(1, 1, 1.3f, 0.8f)
                select new LogitPlan(top, bias, size, presence, frequency, repetition);
            return Arb.From(plans, plan => (plan.Bias.Length > 0 ? [plan with { Bias = plan.Bias[1..] }] : Array.Empty<LogitPlan>())
                .Concat(plan.Top >= 0 ? [plan with { Top = -1 }] : Array.Empty<LogitPlan>())
                .Concat(plan.Presence != 0 ? [plan with { Presence = 0 }] : Array.Empty<LogitPlan>())
                .Concat(plan.Frequency != 0 ? [plan with { Frequency = 0 }] : Array.Empty<LogitPlan>())
                .Concat(plan.Repetition != 1 ? [plan with { Repetition = 1 }] : Array.Empty<LogitPlan>()));
        }
    }
}

/// <summary>A device as the planner sees it.</summary>
public sealed record DeviceKind(long Alignment, long Piece, bool InPlace);

/// <summary>Bytes of a buffer.</summary>
public readonly record struct BufferBytes(int Value);

/// <summary>Bytes by which a buffer grows.</summary>
public readonly record struct MoreBytes(int Value);

/// <summary>Positions of a session.</summary>
public readonly record struct Context(int Value);

/// <summary>Rows of a pass over a prompt.</summary>
public readonly record struct ChunkRows(int Value);

/// <summary>Memory to plan with.</summary>
public readonly record struct BudgetGiB(int Value);

/// <summary>Tokens of a prompt.</summary>
public readonly record struct PromptLength(int Value);

/// <summary>Tokens of one draft.</summary>
public readonly record struct DraftedTokens(int Value);

/// <summary>Tokens of every draft, or 0 where the drafter finds a length by itself.</summary>
public readonly record struct DraftChoice(int Length);

/// <summary>Bytes in rows that are cut into pieces of at most a limit.</summary>
public sealed record Cutting(int Bytes, int Row, int Limit);

/// <summary>A prompt of made-up tokens and how its answer ends.</summary>
public sealed record AnswerPlan(int Prompt, int Most, int Room, bool Greedy, int[] Stops, int Cancel, int Seed)
{
    public override string ToString() =>
        $"prompt of {Prompt}, at most {Most} tokens, room for {Room}, {(Greedy ? "greedy" : "drawn")}, stops [{string.Join(", ", Stops)}], cancelled after {Cancel}, seed {Seed}";
}

/// <summary>What an answer wants of its logits; -1 for no log-probabilities.</summary>
public sealed record LogitPlan(int Top, int[] Bias, float Size, float Presence, float Frequency, float Repetition)
{
    public override string ToString() =>
        $"top {Top}, bias {Size} of [{string.Join(", ", Bias)}], presence {Presence}, frequency {Frequency}, repetition {Repetition}";
}
