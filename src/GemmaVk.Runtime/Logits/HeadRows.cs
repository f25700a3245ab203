using System;
using System.Collections.Generic;
using GemmaVk.Kernels;

namespace GemmaVk.Runtime.Logits;

// Letters: T rows of the newest pass, V vocabulary.

/// <summary>
/// Logits of any rows of the newest pass, in groups of up to eight: the head takes its rows from the pass's final hidden rows, so that the
/// pass itself stays as long as any other. A row's bits do not depend on its group.
/// </summary>
/// <param name="model">Whose rows.</param>
internal sealed class HeadRows(GemmaModel model) : IDisposable
{
    // A chunk of 512 has 64 groups, and its last part others.
    private const int MostRecordings = 160;
    private readonly Dictionary<(int T, int First, int Rows), IRecording> _recordings = [];

    /// <summary>Computes soft-capped logits of rows first .. first + rows - 1.</summary>
    /// <param name="T">Rows of the pass; 0 from the second call for the same pass on.</param>
    /// <param name="first">The first row.</param>
    /// <param name="rows">How many, at most 8.</param>
    /// <returns>[rows, V] at its beginning, valid until the next call.</returns>
    public float[] Run(int T, int first, int rows)
    {
        if (!_recordings.TryGetValue((T, first, rows), out IRecording? recording))
        {
            if (_recordings.Count >= MostRecordings)
            {
                Dispose();
            }

            recording = model.Backend.Record("head", pass => model.Forward.Head(pass, T, first, rows));
            _recordings.Add((T, first, rows), recording);
        }

        model.Backend.Run(recording);
        float[] logits = model.RowDraw.Rows(rows);
        model.Backend.Read(model.Buffers.Logits, logits.AsSpan(0, rows * model.Config.VocabSize));
        return logits;
    }

    /// <summary>Forgets what was recorded.</summary>
    public void Dispose()
    {
        foreach (IRecording recording in _recordings.Values)
        {
            recording.Dispose();
        }

        _recordings.Clear();
    }
}
