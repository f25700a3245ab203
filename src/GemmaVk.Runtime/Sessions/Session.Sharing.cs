using System;
using System.Threading;
using GemmaVk.Runtime.Prefixes;

namespace GemmaVk.Runtime.Sessions;

/// <content>What is shared with other sessions: beginnings that one of them has taken in, and places of its own to go back to.</content>
public sealed partial class Session
{
    private static long _lineages;
    private readonly PrefixStore? _prefixes;

    // How each row was made.
    private PassLog _made = new();

    // Rows from the first on that are, bit for bit, what any session would make of the same prompt.
    private int _plain;
    private bool _inPlainPrompt;

    // Places up to here have been looked at.
    private int _sealed;

    /// <summary>Whom its rows may serve: sessions share what they begin with only where their salts are equal.</summary>
    public string Salt { get; private set; } = "";

    /// <summary>Number of this session, which no other has had.</summary>
    internal long Lineage { get; } = Interlocked.Increment(ref _lineages);

    /// <summary>Makes it a session of another caller: everything in it is forgotten, unless the salt is the one it has.</summary>
    /// <param name="salt">Any text; equal for those who may share.</param>
    public void Isolate(string salt)
    {
        ArgumentNullException.ThrowIfNull(salt);
        if (salt != Salt)
        {
            Rewind(Length);
            _prefixes?.Forget(this);
            Salt = salt;
        }
    }

    /// <summary>Counts rows that were copied into the cache: the beginning of a conversation.</summary>
    /// <param name="prompt">The conversation.</param>
    /// <param name="length">Rows of it.</param>
    /// <param name="passes">How they were made.</param>
    /// <param name="plain">Whether any session would make them so.</param>
    internal void Replace(PromptRows prompt, int length, PassLog passes, bool plain)
    {
        _made = passes.Until(length);
        _plain = plain ? length : 0;
        _sealed = length;
        prompt.Ids[..length].CopyTo(_ids);
        _kv.Resume(length, oldest: length);
        _media.Clear();
        foreach (PlacedMedium placed in prompt.Media)
        {
            if (placed.First < length)
            {
                _media.Add(placed);
            }
        }
    }

    /// <summary>Puts a prompt behind what is in the cache, or behind more of it that others have taken in.</summary>
    private (PromptRows Rows, int First) Shared(PromptRows prompt)
    {
        _inPlainPrompt = false;
        if (_prefixes is null || _plain < Length)
        {
            return (prompt, 0);
        }

        PromptRows whole = prompt.After(Ids.ToArray(), [.. _media]);
        if (Length > 0 && !PassRule.GoesOn(whole, Length, _made.IsWide(Length - 1), _model.Chunk))
        {
            return (prompt, 0);
        }

        _prefixes.Resume(this, whole);
        _inPlainPrompt = _plain == Length;
        return _inPlainPrompt ? (whole, Length) : (whole.From(Length), 0);
    }

    /// <summary>
    /// The most of the first <paramref name="same"/> rows from which a conversation goes on as if all of it had been taken in now: some
    /// rows fewer where the last pass would have been of another kind. Rows of an answer are kept as they are.
    /// </summary>
    private int GoingOn(PromptRows prompt, int same)
    {
        while (_prefixes is not null && same > 0 && same <= _plain && !PassRule.GoesOn(prompt, same, _made.IsWide(same - 1), _model.Chunk))
        {
            same = SameRows(prompt, same - 1);
        }

        return same;
    }

    /// <summary>Looks whether a pass of a prompt has reached a place to keep.</summary>
    private void TookIn(PromptRows prompt, int row, int end)
    {
        _made.Add(Length, PassRule.IsWide(end - row));
        if (_prefixes is null)
        {
            return;
        }

        if (_inPlainPrompt)
        {
            _plain = end;
            if (prompt.Head > row && prompt.Head <= end)
            {
                Seal(prompt.Head);
            }
        }

        SealUpTo(Length);
    }

    /// <summary>Looks whether a row of an answer has reached a place to keep.</summary>
    private void SealLived()
    {
        if (_prefixes is not null && Length % _prefixes.Spacing == 0)
        {
            SealUpTo(Length);
        }
    }

    private void SealUpTo(int length)
    {
        int spacing = _prefixes!.Spacing;
        for (int end = ((_sealed / spacing) + 1) * spacing; end <= length; end += spacing)
        {
            // Of a place further back the rings hold no window any more.
            if (end >= _kv.Oldest)
            {
                Seal(end);
            }
        }

        _sealed = length;
    }

    private void Seal(int end)
    {
        foreach (PlacedMedium placed in _media)
        {
            if (placed.Medium.IsBlock && placed.First < end && placed.End > end)
            {
                return;
            }
        }

        _prefixes!.Seal(this, end, _made, plain: end <= _plain);
    }

    private void WentBack()
    {
        _made.Cut(Length);
        _plain = Math.Min(_plain, Length);
        _sealed = Math.Min(_sealed, Length);
    }
}
