using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Transcripts;

namespace GemmaVk.Meetings;

/// <summary>
/// Turns and the sheet of people, from pieces in their order: the same whether they were heard now or stand in a journal. Words that two
/// pieces share are written once.
/// </summary>
internal sealed class MeetingAccount
{
    // Longer turns are cut at the next line, so that their times stay near.
    private const int LongTurn = 600;
    private static readonly TimeSpan Gap = TimeSpan.FromSeconds(1);

    private readonly List<MeetingTurn> _turns = [];
    private readonly SortedDictionary<int, MeetingPerson> _people = [];
    // Joined: the piece before ends in the middle of what is said.
    private (HeardPiece Piece, int Skip, bool Joined)? _held;

    /// <summary>Turns that are final.</summary>
    public IReadOnlyList<MeetingTurn> Turns => _turns;

    /// <summary>Who was heard.</summary>
    public IReadOnlyList<MeetingPerson> People => [.. _people.Values];

    /// <summary>Takes the next piece.</summary>
    public void Add(HeardPiece piece)
    {
        if (piece.Count == 0)
        {
            return;
        }

        int skip = 0;
        bool joined = _held is { Piece.Pause: false };
        if (_held is { } held)
        {
            (int keep, skip) = held.Piece.Pause ? (held.Piece.Text.Length, 0) : Seam.Find(held.Piece.Text, piece.Text);
            Write(held.Piece, held.Skip, keep, held.Joined);
        }

        _held = (piece, skip, joined);
        foreach (MeetingPerson person in piece.People)
        {
            _people[person.Number] = _people.TryGetValue(person.Number, out MeetingPerson? known)
                ? new MeetingPerson(person.Number, person.Name.Length > 0 ? person.Name : known.Name, person.About.Length > 0 ? person.About : known.About)
                : person;
        }

        foreach (int number in piece.Speakers.Where(number => number > 0))
        {
            _people.TryAdd(number, new MeetingPerson(number, "", ""));
        }
    }

    /// <summary>No piece follows.</summary>
    public void Finish()
    {
        if (_held is { } held)
        {
            Write(held.Piece, held.Skip, held.Piece.Text.Length, held.Joined);
            _held = null;
        }
    }

    private void Write(HeardPiece piece, int skip, int keep, bool joined)
    {
        IReadOnlyList<Range> lines = Lines.Of(piece.Text);
        TimeSpan At(int letter) => piece.Start + ((piece.End - piece.Start) * ((double)letter / Math.Max(1, piece.Text.Length)));
        for (int i = 0; i < lines.Count; i++)
        {
            (int start, int end) = (Math.Max(skip, lines[i].Start.Value), Math.Min(keep, lines[i].End.Value));
            if (start >= end || piece.Text[start..end].Trim() is not { Length: > 0 } words)
            {
                continue;
            }

            int speaker = i < piece.Speakers.Count ? piece.Speakers[i] : 0;
            MeetingTurn turn = new(At(start), At(end), speaker, words);
            if (_turns.Count > 0 && _turns[^1] is var last && last.Speaker == speaker && (joined || (turn.Start - last.End < Gap && last.Text.Length < LongTurn)))
            {
                _turns[^1] = last with { End = turn.End, Text = $"{last.Text} {words}" };
            }
            else
            {
                _turns.Add(turn);
            }

            joined = false;
        }
    }
}
