using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Sessions;
using Xunit;

namespace GemmaVk.Runtime.Tests;

/// <summary>An answer that can be written with and without drafts.</summary>
/// <param name="Prompt">What goes in.</param>
/// <param name="Most">Most tokens of the answer.</param>
/// <param name="Choice">How to draw.</param>
/// <param name="Context">Positions of the session.</param>
/// <param name="Stops">Tokens that end it.</param>
/// <param name="Cancel">Tokens after which the caller cancels, or 0.</param>
internal sealed record DraftRun(int[] Prompt, int Most, Sample.Choice Choice, int Context, int[] Stops, int Cancel)
{
    /// <summary>Prompts of Pebble and what the published implementation answers.</summary>
    public static IReadOnlyList<(int[] Prompt, int[] Answer)> PebbleExamples()
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(Repository.Golden("pebble", "answers.json")));
        static int[] Ids(JsonElement ids) => [.. ids.EnumerateArray().Select(id => id.GetInt32())];
        return [.. golden.RootElement.GetProperty("cases").EnumerateArray().Select(c => (Ids(c.GetProperty("prompt_ids")), Ids(c.GetProperty("answer_ids"))))];
    }

    /// <summary>A prompt of made-up ids for the tiny model.</summary>
    public static int[] Ids(int count, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(12, 512))];
    }

    public GenerationOptions Options(IAnswerConstraint? constraint) => new(Most, Choice, Stops.ToHashSet()) { Constraint = constraint };

    public Generation Generate(GemmaModel model, Drafter? drafter)
    {
        using Session session = model.NewSession(Context);
        return Generate(model, drafter, session);
    }

    /// <summary>Writes it both ways and compares answers and sessions.</summary>
    public DraftStats Compare(GemmaModel model, Drafter drafter)
    {
        using Session expected = model.NewSession(Context);
        using Session actual = model.NewSession(Context);
        Generation plain = Generate(model, null, expected);
        Generation drafted = Generate(model, drafter, actual);
        Assert.Equal(plain.Ids, drafted.Ids);
        Assert.Equal(plain.Stop, drafted.Stop);
        AssertSame(expected, actual);
        DraftStats stats = drafted.Stats.Drafting!;
        Assert.True(stats.Tokens >= drafted.Ids.Count - 1, $"{stats.Tokens} tokens came out of the passes, {drafted.Ids.Count} are in the answer");
        return stats;
    }

    /// <summary>Length, ids, what waits, and what could be taken back.</summary>
    public static void AssertSame(Session expected, Session actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.Equal(expected.Ids.ToArray(), actual.Ids.ToArray());
        Assert.Equal(expected.Pending, actual.Pending);
        for (int rows = 0; rows <= expected.Length; rows++)
        {
            Assert.Equal(expected.CanRewind(rows), actual.CanRewind(rows));
        }
    }

    public Generation Generate(GemmaModel model, Drafter? drafter, Session session)
    {
        using CancellationTokenSource cancel = new();
        int left = Cancel;
        return new Generator(model, drafter).Generate(
            session,
            Prompt,
            new GenerationOptions(Most, Choice, Stops.ToHashSet()),
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
