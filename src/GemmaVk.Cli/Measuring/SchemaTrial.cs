using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Text.Json;
using GemmaVk.Grammar;
using GemmaVk.Text;

namespace GemmaVk.Cli.Measuring;

/// <summary>One schema tried: built or refused, its instances fed as tokens with a mask before each, and what all of it took.</summary>
internal sealed class SchemaTrial
{
    private static readonly double MicrosecondsPerTick = 1e6 / Stopwatch.Frequency;

    private SchemaTrial(string name) => Name = name;

    /// <summary>The schema's name.</summary>
    public string Name { get; }

    /// <summary>Why it was refused, or null.</summary>
    public GrammarException? Refusal { get; private set; }

    /// <summary>Time to build, in microseconds.</summary>
    public double BuildMicroseconds { get; private set; }

    /// <summary>States met.</summary>
    public int States { get; private set; }

    /// <summary>The instances.</summary>
    public List<SchemaInstance> Instances { get; } = [];

    /// <summary>
    /// Tries a schema. Each instance is fed as the tokens of its compact text, then of one with spaces; the first that is not taken decides.
    /// <paramref name="masks"/> receives the time of every mask in microseconds.
    /// </summary>
    public static SchemaTrial Run(string name, JsonElement schema, JsonElement tests, Vocabulary vocabulary, BpeTokenizer tokenizer, SchemaOptions options, List<double> masks)
    {
        var trial = new SchemaTrial(name);
        Constraint constraint;
        long start = Stopwatch.GetTimestamp();
        try
        {
            constraint = new Constraint(TextGrammar.OfSchema(schema, options), vocabulary);
        }
        catch (GrammarException e)
        {
            trial.Refusal = e;
            return trial;
        }
        finally
        {
            trial.BuildMicroseconds = (Stopwatch.GetTimestamp() - start) * MicrosecondsPerTick;
        }

        if (tests.ValueKind == JsonValueKind.Array)
        {
            uint[] mask = new uint[vocabulary.Words];
            foreach (JsonElement test in tests.EnumerateArray())
            {
                trial.Instances.Add(Feed(constraint, test, tokenizer, mask, options, masks));
            }
        }

        trial.States = constraint.StateCount;
        return trial;
    }

    private static SchemaInstance Feed(Constraint constraint, JsonElement test, BpeTokenizer tokenizer, uint[] mask, SchemaOptions options, List<double> masks)
    {
        bool valid = test.GetProperty("valid").GetBoolean();
        string[] texts = options.Blanks ? [InstanceText.Of(test.GetProperty("data"), spaces: false), InstanceText.Of(test.GetProperty("data"), spaces: true)] : [InstanceText.Of(test.GetProperty("data"), spaces: false)];
        bool accepted = true;
        string? stopped = null;
        foreach (string text in texts)
        {
            int taken = Feed(constraint, tokenizer.Encode(text, specials: false), mask, masks, out int tokens);
            accepted &= taken == tokens;
            stopped ??= taken == tokens ? null : tokenizer.Decode(tokenizer.Encode(text, specials: false).AsSpan(0, taken), skipSpecials: false);

            // An invalid instance counts as accepted when either of its texts is.
            if (!valid && taken == tokens)
            {
                return new SchemaInstance(valid, true, null);
            }
        }

        return new SchemaInstance(valid, accepted, stopped);
    }

    /// <returns>The tokens that were taken; the end counts as one more.</returns>
    private static int Feed(Constraint constraint, int[] ids, uint[] mask, List<double> masks, out int tokens)
    {
        tokens = ids.Length + 1;
        GrammarPosition position = constraint.Start;
        for (int i = 0; ; i++)
        {
            long start = Stopwatch.GetTimestamp();
            constraint.Fill(position, mask);
            masks.Add((Stopwatch.GetTimestamp() - start) * MicrosecondsPerTick);
            int token = i < ids.Length ? ids[i] : constraint.Vocabulary.Stops[0];
            if ((mask[token >> 5] >> token & 1) == 0)
            {
                return i;
            }

            if (i == ids.Length)
            {
                return tokens;
            }

            if (!constraint.TryAdvance(position, token, out position))
            {
                throw new InvalidOperationException($"token {token} of {string.Join(' ', ids)} at {i} is in the mask but cannot follow");
            }
        }
    }
}
