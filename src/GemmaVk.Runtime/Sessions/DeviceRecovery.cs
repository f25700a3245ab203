using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Drafting;
using GemmaVk.Tensors;

namespace GemmaVk.Runtime.Sessions;

/// <summary>
/// Goes on where a device was lost: opens it anew, puts the weights back and takes every session in again from its tokens, so that answers
/// continue with the same text. Drivers that reset once may do so again: twice, and then it is over.
/// </summary>
/// <param name="model">What ran on it.</param>
/// <param name="drafter">Its drafter, or null.</param>
internal sealed class DeviceRecovery(GemmaModel model, Drafter? drafter)
{
    /// <summary>Losses that are made good.</summary>
    public const int Most = 2;

    // A device that has run so long since was not lost by what runs on it.
    private const int PassesToForget = 10_000;
    private int _losses;
    private int _passes;

    /// <summary>Told of each recovery, in a sentence.</summary>
    public Action<string>? Notice { get; init; }

    /// <summary>A pass went well.</summary>
    public void Passed()
    {
        if (_losses > 0 && ++_passes >= PassesToForget)
        {
            _losses = 0;
        }
    }

    /// <summary>Makes good that the device was lost.</summary>
    /// <param name="lost">How.</param>
    /// <param name="unrestorable">Sessions that cannot be taken in again and are empty now, with the reason.</param>
    /// <returns>False where it is over.</returns>
    public bool TryRecover(DeviceLostException lost, out IReadOnlyList<(Session Session, GemmaVkException Reason)> unrestorable)
    {
        List<(Session, GemmaVkException)> failed = [];
        unrestorable = failed;
        while (_losses < Most)
        {
            (_losses, _passes) = (_losses + 1, 0);
            failed.Clear();
            try
            {
                model.Reopen();
                drafter?.Restore();
                // Forks that share their rows are taken in once, the longest of them.
                Session[] sessions = [.. model.Sessions.GroupBy(session => session.Cache.StorageId).Select(alike => alike.MaxBy(session => session.Length)!)];
                foreach (Session session in sessions)
                {
                    TakeIn(session, failed);
                }

                Notice?.Invoke(
                    $"{lost.Message} It was opened anew, and {sessions.Sum(session => session.Length)} tokens of {sessions.Length} conversations were taken in again; "
                    + $"loss {_losses} of {Most} that are made good.");
                return true;
            }
            catch (DeviceLostException again)
            {
                lost = again;
            }
        }

        return false;
    }

    private static void TakeIn(Session session, List<(Session Session, GemmaVkException Reason)> failed)
    {
        try
        {
            session.TakeInAgain();
        }
        catch (GemmaVkException reason)
        {
            session.GiveUp(reason);
            failed.Add((session, reason));
        }
    }
}
