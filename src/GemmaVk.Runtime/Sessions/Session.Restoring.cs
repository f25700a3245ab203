using System;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Prefixes;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Sessions;

/// <content>What a session does where its device was lost.</content>
public sealed partial class Session
{
    // Why the past could not be made anew.
    private GemmaVkException? _past;

    /// <summary>Empties the session because its past could not be made anew; until it is given a whole conversation it answers with the reason.</summary>
    internal void GiveUp(GemmaVkException reason)
    {
        Rewind(Length);
        _past = reason;
    }

    /// <summary>Forgets the newest rows, but nothing that is pending.</summary>
    internal void TakeBack(int rows)
    {
        _kv.Rewind(rows);
        _media.RemoveAll(placed => placed.First >= _kv.Length);
        WentBack();
    }

    /// <summary>
    /// Makes the rows of the cache anew, after the device forgot them: each in a pass of the kind that made it, so that they are what they
    /// were, bit for bit. Rows that came from a file are taken in as a prompt is.
    /// </summary>
    /// <exception cref="DeviceLostException">The device was lost again; the session may be asked once more.</exception>
    /// <exception cref="GemmaVkException">A picture or sound of a file would have to be taken in, which the file does not hold.</exception>
    internal void TakeInAgain()
    {
        (int length, int oldest) = (Length, _kv.Oldest);
        PromptRows past = PromptRows.Joined(Ids, [.. _media], [], []);
        PlacedMedium[] media = [.. _media];
        _media.Clear();
        _kv.Resume(0, 0);
        _kv.Rewrites = true;
        try
        {
            int end;
            for (int row = 0; row < length; row = end)
            {
                end = SameKindEnd(past, row);
                Run(past.Ids[row..end], 0, null, past.Soft(row, end));
            }
        }
        finally
        {
            _kv.Rewrites = false;
            _kv.Resume(length, oldest);
            _media.Clear();
            _media.AddRange(media);
        }
    }

    /// <summary>Where a pass from a row on ends whose rows were all made in passes of one kind, and which is of that kind itself.</summary>
    private int SameKindEnd(PromptRows past, int row)
    {
        if (row >= _made.Length)
        {
            return past.PieceEnd(row, _model.Chunk, null);
        }

        bool wide = _made.IsWide(row);
        int run = Math.Min(past.Length, _made.RunEnd(row));
        for (int most = wide ? _model.Chunk : MatVec.MaxRows; ; most--)
        {
            // What is left of the run has to be of the kind too.
            int end = Math.Min(run, past.PassEnd(row, Math.Min(most, run - row)));
            if (end == run || !wide || PassRule.IsWide(run - end) || most == 1)
            {
                return end;
            }
        }
    }
}
