using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Runtime.Sessions;

namespace GemmaVk.Cli.Verifying;

/// <summary>
/// The small model that comes with the program, with and without its drafter: prompts in chunks, steps, and drafts, against the ids that the
/// published implementation answers. They are the tests' own golden file, as a resource.
/// </summary>
internal static class PebbleCheck
{
    private const string Golden = "pebble-answers.json";
    private const int Context = 1024;
    private const int QuickCases = 4;

    /// <summary>Runs the cases on an engine of the model.</summary>
    /// <param name="engine">With its drafter, or without one; nothing else may use it meanwhile.</param>
    /// <param name="quick">A few cases instead of all.</param>
    /// <param name="cancel">Ends it between two answers.</param>
    public static PebbleVerdict Run(GemmaEngine engine, bool quick, CancellationToken cancel)
    {
        List<string> faults = [];
        (int answers, int tokens) = (0, 0);
        IReadOnlyList<(string Name, int[] Prompt, int[] Answer)> cases = Cases();
        foreach ((string name, int[] prompt, int[] expected) in quick ? Spread(cases) : cases)
        {
            foreach (Drafter? drafter in engine.Drafter is { } there ? (Drafter?[])[null, there] : [null])
            {
                cancel.ThrowIfCancellationRequested();
                using Session session = engine.Model.NewSession(Context);
                Generation answer = new Generator(engine.Model, drafter).Generate(session, prompt, new GenerationOptions(expected.Length, default(Sample.Choice), new HashSet<int>()));
                answers++;
                tokens += answer.Ids.Count;
                int same = answer.Ids.Zip(expected).TakeWhile(pair => pair.First == pair.Second).Count();
                if (same < expected.Length)
                {
                    faults.Add($"{name}{(drafter is null ? "" : " with drafts")}: token {same} of {expected.Length} is {(same < answer.Ids.Count ? answer.Ids[same] : "missing")}, published {expected[same]}");
                }
            }
        }

        return new PebbleVerdict(answers, tokens, engine.Drafter is not null, faults);
    }

    /// <summary>A few from the whole list, so that each kind of prompt is among them.</summary>
    private static IEnumerable<(string Name, int[] Prompt, int[] Answer)> Spread(IReadOnlyList<(string Name, int[] Prompt, int[] Answer)> cases) =>
        Enumerable.Range(0, QuickCases).Select(i => cases[i * cases.Count / QuickCases]);

    private static (string Name, int[] Prompt, int[] Answer)[] Cases()
    {
        using Stream stream = typeof(PebbleCheck).Assembly.GetManifestResourceStream(Golden) ?? throw new InvalidOperationException($"the program was built without {Golden}");
        using JsonDocument golden = JsonDocument.Parse(stream);
        return
        [
            .. golden.RootElement.GetProperty("cases").EnumerateArray()
                .Select(each => (each.GetProperty("name").GetString()!, Ids(each.GetProperty("prompt_ids")), Ids(each.GetProperty("answer_ids")))),
        ];
    }

    private static int[] Ids(JsonElement ids) => [.. ids.EnumerateArray().Select(id => id.GetInt32())];
}

/// <summary>What came of it.</summary>
/// <param name="Answers">Answers written.</param>
/// <param name="Tokens">Tokens in them.</param>
/// <param name="Drafted">Whether half of them were drafted.</param>
/// <param name="Faults">Answers that differ, in words.</param>
internal sealed record PebbleVerdict(int Answers, int Tokens, bool Drafted, IReadOnlyList<string> Faults);
