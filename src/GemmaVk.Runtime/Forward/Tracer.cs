using System;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Cache;
using GemmaVk.Runtime.Sessions;

namespace GemmaVk.Runtime.Forward;

// Letters: T tokens in this pass, D hidden size, V vocabulary.

/// <summary>
/// Runs prompts one kernel at a time and hands out every activation, under the names of the golden data: what porters
/// compare with. The kernels and their order are those of <see cref="ForwardPass"/>.
/// </summary>
public sealed class Tracer(GemmaModel model)
{
    /// <summary>Receives rows [first, first + rows) of a named activation [n, width].</summary>
    public delegate void Sink(string name, int first, int width, ReadOnlySpan<float> rows);

    /// <summary>Runs <paramref name="ids"/> through a new session.</summary>
    /// <param name="ids">The prompt.</param>
    /// <param name="steps">Also every step of each layer, not only hidden rows and logits.</param>
    /// <param name="sink">Receives <c>hidden.L</c>, <c>final</c>, <c>logits</c> and with steps <c>L.step</c>.</param>
    /// <param name="wanted">Positions whose logits are wanted; null for all. The head is the dearest product of a pass.</param>
    public void Run(ReadOnlySpan<int> ids, bool steps, Sink sink, Predicate<int>? wanted = null) => Run(new PromptRows(ids), steps, sink, wanted);

    /// <summary>Runs <paramref name="prompt"/> through a new session.</summary>
    /// <param name="prompt">Tokens and media; their soft rows come as <c>soft</c> [soft rows, D], counted over the prompt.</param>
    /// <param name="steps">Also every step of each layer, not only hidden rows and logits.</param>
    /// <param name="sink">Receives <c>soft</c>, <c>hidden.L</c>, <c>final</c>, <c>logits</c> and with steps <c>L.step</c>.</param>
    /// <param name="wanted">Positions whose logits are wanted; null for all. The head is the dearest product of a pass.</param>
    public void Run(PromptRows prompt, bool steps, Sink sink, Predicate<int>? wanted = null)
    {
        using Session session = model.NewSession(prompt.Length);
        int softRows = 0;
        int end;
        for (int row = 0; row < prompt.Length; row = end)
        {
            end = prompt.PassEnd(row, model.Chunk);
            int T = end - row;
            SoftRun[] soft = prompt.Soft(row, end);
            int first = session.Cache.Append(T);
            TracePass pass = new(model, first, steps, sink);
            model.Forward.WriteInputs(prompt.Ids[row..end], first, 0, soft);
            foreach (SoftRun run in soft)
            {
                model.Media!.Place(run);
                int D = model.Config.HiddenSize;
                float[] values = new float[run.Count * D];
                model.Backend.Read(model.Buffers.X, values.AsSpan(), (long)run.Row * D);
                sink("soft", softRows, D, values);
                softRows += run.Count;
            }

            model.Forward.Record(pass, [new PassPart(session.Cache.Layers, 0, T, null)], 0);
            Logits(pass, T, first, sink, wanted ?? (_ => true));
        }
    }

    private void Logits(TracePass pass, int T, int first, Sink sink, Predicate<int> wanted)
    {
        int V = model.Config.VocabSize;
        float[] logits = new float[MatVec.MaxRows * V];
        int row = 0;
        while (row < T)
        {
            int rows = 0;
            while (rows < MatVec.MaxRows && row + rows < T && wanted(first + row + rows))
            {
                rows++;
            }

            if (rows == 0)
            {
                row++;
                continue;
            }

            model.Forward.Head(pass, T, row, rows);
            model.Backend.Read(model.Buffers.Logits, logits.AsSpan(0, rows * V));
            sink("logits", first + row, V, logits.AsSpan(0, rows * V));
            row += rows;
        }
    }
}
