using System;
using GemmaVk.Kernels;

namespace GemmaVk.Runtime;

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
    public void Run(ReadOnlySpan<int> ids, bool steps, Sink sink, Predicate<int>? wanted = null)
    {
        using Session session = model.NewSession(ids.Length);
        while (!ids.IsEmpty)
        {
            int T = Math.Min(ids.Length, session.Cache.Chunk);
            int first = session.Cache.Append(T);
            TracePass pass = new(model, first, steps, sink);
            model.Forward.WriteInputs(ids[..T], first, 0);
            model.Forward.Record(pass, session.Cache.Layers, new PassKey(T, 0, null));
            Logits(pass, T, first, sink, wanted ?? (_ => true));
            ids = ids[T..];
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
