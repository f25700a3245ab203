using System;
using System.Collections.Generic;
using GemmaVk.Kernels;

namespace GemmaVk.Runtime.Logits;

// Letters: T rows of logits, V vocabulary.

/// <summary>
/// Draws rows of logits that a pass has left undrawn, with the same kernel and the same numbers as within a pass: what nothing was changed
/// in gives the same ids, on every device.
/// </summary>
/// <param name="model">Whose logits.</param>
internal sealed class RowDraw(GemmaModel model) : IDisposable
{
    private const int MostRecordings = 32;
    private readonly Dictionary<(int First, int T, Sample.Choice Choice, bool Masked), IRecording> _recordings = [];
    private float[] _rows = [];

    /// <summary>Host memory for at least so many rows of logits, until the next call.</summary>
    public float[] Rows(int count)
    {
        int size = count * model.Config.VocabSize;
        if (_rows.Length < size)
        {
            _rows = new float[size];
        }

        return _rows;
    }

    /// <summary>Draws rows first .. first + T - 1 into <see cref="Forward.ModelBuffers.Drawn"/>.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="T">How many.</param>
    /// <param name="choice">How to draw.</param>
    /// <param name="masked">Whether only tokens of the rows' masks may be drawn.</param>
    public void Run(int first, int T, in Sample.Choice choice, bool masked)
    {
        if (!_recordings.TryGetValue((first, T, choice, masked), out IRecording? recording))
        {
            if (_recordings.Count >= MostRecordings)
            {
                Dispose();
            }

            Sample.Choice drawn = choice;
            recording = model.Backend.Record("draw", pass => model.Forward.Draw(pass, first, T, drawn, masked));
            _recordings.Add((first, T, choice, masked), recording);
        }

        model.Backend.Run(recording);
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
