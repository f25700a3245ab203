using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Checks;
using GemmaVk.Runtime.Forward;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime;

// Letters: T rows of a pass.

// Shaders of the user's, held against the embedded ones in the calls that this model makes.
public sealed partial class GemmaModel
{
    // Longest that all calls may run: on a card everything fits, on a software driver what is small.
    private static readonly TimeSpan SoftwareCheck = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DeviceCheck = TimeSpan.FromSeconds(2);

    // A step, a pass that checks drafts, and prompts: from short ones on, so that it is known what a long one would take.
    private static readonly int[] ComparedRows = [1, MatVec.MaxRows, 2 * MatVec.MaxRows, 64];

    /// <summary>
    /// Runs steps and prompts of made-up activations, deep in a cache, where shaders that the backend was opened with and the embedded ones compute the same calls with this
    /// model's weights. Of each shape one call is run; what they leave is compared.
    /// </summary>
    /// <param name="kernels">Names of the kernels that the shaders belong to.</param>
    /// <param name="context">Positions that there is memory for.</param>
    /// <param name="cancel">Ends it between two passes.</param>
    /// <returns>The calls that ran shaders of the user's, how many were left out, and the seconds above which that is so.</returns>
    public (IReadOnlyList<ComparedCall> Calls, int LeftOut, double Seconds) CompareOwnKernels(IReadOnlySet<string> kernels, int context, CancellationToken cancel)
    {
        bool software = Backend.Memory.IsSoftware;
        int positions = Math.Min(context, Chunk + (software ? SoftwareDepth : Shallow)), depth = Math.Max(0, positions - Chunk);
        TimeSpan within = software ? SoftwareCheck : DeviceCheck;
        using Session session = NewSession(positions);
        session.SkipTo(depth);
        foreach (BufferHandle buffer in (BufferHandle[])[
            Buffers.X, Buffers.A, Buffers.Q, Buffers.Key, Buffers.Value, Buffers.Attention, Buffers.Y, Buffers.Gate, Buffers.Up, Buffers.Logits,
            Buffers.Quantised.Data, Buffers.Quantised.Scale!, Buffers.Quantised.Sum!, Buffers.Gated.Data, Buffers.Gated.Scale!, Buffers.Gated.Sum!])
        {
            MadeUpRows.Fill(Backend, buffer, seed: 1);
        }

        ComparedPass pass = new(Backend, kernels, within, depth);
        Random random = new(1);
        try
        {
            foreach (int T in ComparedRows.Append(Chunk).Where(rows => rows <= Math.Min(Chunk, positions - depth)).Distinct())
            {
                cancel.ThrowIfCancellationRequested();
                int[] ids = [.. Enumerable.Range(0, T).Select(_ => random.Next(Config.VocabSize))];
                int logitRows = T <= MatVec.MaxRows ? T : 1;
                Sample.Choice choice = T == 1 ? new(Temperature: 0) : new(1, TopK: 64, TopP: 0.95f, Seed: 42);
                int first = session.Cache.Append(T);
                Forward.WriteInputs(ids, first, logitRows);
                Forward.Record(pass.Observed, [new PassPart(session.Cache.Layers, 0, T, choice)], logitRows);
                session.Rewind(T);
            }
        }
        finally
        {
            Backend.TakeOwnKernels(true);
            Backend.ForgetOwnKernelsRun();
        }

        return (pass.Calls, pass.LeftOut, within.TotalSeconds);
    }
}
